package anycast.backhaul.h1;

import anycast.backhaul.head.Fields;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/// Collects the fields of one head: end-to-end ones go into a list, hop-by-hop ones (RFC 9110
/// §7.6.1) are understood and dropped, and what decides framing is judged as it comes.
///
/// **Threading.** One owner; one object a head. **Limits.** 100 fields, as Apache and Node have it;
/// 50 options in `Connection`, since each is a walk over the fields.
final class FieldSection {
  static final int MAX_FIELDS = 100;

  /// What [#add] says where the count is the trouble.
  static final String TOO_MANY = "more than 100 fields";

  private static final int MAX_OPTIONS = 50;
  private static final int MAX_LENGTH_DIGITS = 18;
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString CLOSE = AsciiString.cached("close");
  private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  private static final AsciiString UPGRADE = AsciiString.cached("upgrade");
  private static final AsciiString CHUNKED = AsciiString.cached("chunked");
  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
  private static final AsciiString CONTINUE = AsciiString.cached("100-continue");
  private static final List<AsciiString> CODINGS =
      List.of(
          AsciiString.cached("gzip"),
          AsciiString.cached("x-gzip"),
          AsciiString.cached("deflate"),
          AsciiString.cached("compress"),
          AsciiString.cached("x-compress"));

  final Fields fields = new Fields();
  private List<AsciiString> options;
  private int count;
  private boolean trailersWelcome;
  private int chunkedCodings;
  private int knownCodings;
  private boolean chunkedLast;
  private boolean unknownCoding;

  /// -1 where there was none.
  long contentLength = -1;

  /// Kept out of the list: readers of requests make the authority from it.
  AsciiString host;

  boolean transferEncoding;
  boolean close;
  boolean keepAlive;
  boolean upgradeOption;
  boolean upgradesToWebSocket;
  boolean expectsContinue;
  boolean unknownExpectation;

  /// Takes one field.
  ///
  /// @return null, or what is wrong
  String add(byte[] a, FieldLine line) {
    if (++count > MAX_FIELDS) {
      return TOO_MANY;
    }
    int from = line.valueStart;
    int to = from + line.valueLength;
    return switch (FieldName.of(a, line.nameStart, line.nameLength)) {
      case CONTENT_LENGTH -> addLength(a, line);
      case TRANSFER_ENCODING -> addCodings(a, from, to);
      case CONNECTION -> addOptions(a, from, to);
      case EXPECT -> addExpectation(a, line);
      case TE -> {
        trailersWelcome |= listHas(a, from, to, TRAILERS);
        yield null;
      }
      case UPGRADE -> {
        upgradesToWebSocket |= listHas(a, from, to, WEBSOCKET);
        yield null;
      }
      case HOST -> {
        boolean second = host != null;
        host = new AsciiString(a, from, line.valueLength, true);
        yield second ? "second host" : null;
      }
      case OTHER -> {
        fields.add(a, line.nameStart, line.nameLength, from, line.valueLength);
        yield null;
      }
      case HTTP2_SETTINGS, KEEP_ALIVE, PROXY_CONNECTION -> null;
    };
  }

  /// Drops what `Connection` named. The length is spared: it frames the body, and who names it
  /// wants the next reader to see another end than we did.
  void finish() {
    if (options != null) {
      for (AsciiString option : options) {
        if (!option.contentEquals(FieldName.CONTENT_LENGTH.text)) {
          fields.removeAll(option);
        }
      }
    }
    if (trailersWelcome) {
      fields.add(FieldName.TE.text, TRAILERS);
    }
  }

  /// Judges the transfer codings (RFC 9112 §6.1, §7).
  Codings codings() {
    if (chunkedCodings != 1 || !chunkedLast || unknownCoding) {
      return Codings.BAD;
    }
    return knownCodings > 0 ? Codings.UNSERVED : Codings.CHUNKED;
  }

  /// What the transfer codings come to.
  enum Codings {
    CHUNKED,
    /// Legal, but we would have to undo a compression.
    UNSERVED,
    BAD
  }

  private String addLength(byte[] a, FieldLine line) {
    int from = line.valueStart;
    int to = from + line.valueLength;
    if (contentLength >= 0) {
      return "second content-length";
    }
    if (from == to) {
      return "empty content-length";
    }
    while (from < to - 1 && a[from] == '0') {
      from++;
    }
    if (to - from > MAX_LENGTH_DIGITS) {
      return "content-length is not a number that we can count to";
    }
    long length = 0;
    for (int i = from; i < to; i++) {
      if (!Grammar.digit(a[i])) {
        return "content-length is not a number";
      }
      length = length * 10 + a[i] - '0';
    }
    contentLength = length;
    fields.add(a, line.nameStart, line.nameLength, from, to - from);
    return null;
  }

  private String addCodings(byte[] a, int from, int to) {
    transferEncoding = true;
    for (int at = from; ; ) {
      int end = itemEnd(a, at, to);
      int itemFrom = trimLeft(a, at, end);
      int itemTo = trimRight(a, itemFrom, end);
      chunkedLast = same(a, itemFrom, itemTo, CHUNKED);
      if (chunkedLast) {
        chunkedCodings++;
      } else if (isKnownCoding(a, itemFrom, itemTo)) {
        knownCodings++;
      } else {
        unknownCoding = true;
      }
      if (end == to) {
        return null;
      }
      at = end + 1;
    }
  }

  private static boolean isKnownCoding(byte[] a, int from, int to) {
    for (AsciiString coding : CODINGS) {
      if (same(a, from, to, coding)) {
        return true;
      }
    }
    return false;
  }

  private String addOptions(byte[] a, int from, int to) {
    for (int at = from; at < to; ) {
      int end = itemEnd(a, at, to);
      int itemFrom = trimLeft(a, at, end);
      int itemTo = trimRight(a, itemFrom, end);
      if (itemFrom < itemTo) {
        if (!Grammar.tokens(a, itemFrom, itemTo)) {
          return "connection option is not a token";
        }
        if (!addOption(a, itemFrom, itemTo)) {
          return "more than 50 connection options";
        }
      }
      at = end + 1;
    }
    return null;
  }

  private boolean addOption(byte[] a, int from, int to) {
    if (same(a, from, to, CLOSE)) {
      close = true;
    } else if (same(a, from, to, KEEP_ALIVE)) {
      keepAlive = true;
    } else if (same(a, from, to, UPGRADE)) {
      upgradeOption = true;
    } else {
      if (options == null) {
        options = new ArrayList<>();
      }
      options.add(new AsciiString(a, from, to - from, true).toLowerCase());
      return options.size() <= MAX_OPTIONS;
    }
    return true;
  }

  private String addExpectation(byte[] a, FieldLine line) {
    int from = line.valueStart;
    if (!expectsContinue && same(a, from, from + line.valueLength, CONTINUE)) {
      expectsContinue = true;
      fields.add(FieldName.EXPECT.text, CONTINUE);
    } else {
      unknownExpectation = true;
    }
    return null;
  }

  private static boolean listHas(byte[] a, int from, int to, AsciiString token) {
    for (int at = from; at < to; ) {
      int end = itemEnd(a, at, to);
      int itemFrom = trimLeft(a, at, end);
      if (same(a, itemFrom, trimRight(a, itemFrom, end), token)) {
        return true;
      }
      at = end + 1;
    }
    return false;
  }

  private static int itemEnd(byte[] a, int from, int to) {
    int i = from;
    while (i < to && a[i] != ',') {
      i++;
    }
    return i;
  }

  private static int trimLeft(byte[] a, int from, int to) {
    int i = from;
    while (i < to && Grammar.blank(a[i])) {
      i++;
    }
    return i;
  }

  private static int trimRight(byte[] a, int from, int to) {
    int i = to;
    while (i > from && Grammar.blank(a[i - 1])) {
      i--;
    }
    return i;
  }

  private static boolean same(byte[] a, int from, int to, AsciiString lowerCase) {
    if (to - from != lowerCase.length()) {
      return false;
    }
    for (int i = from; i < to; i++) {
      int b = a[i] >= 'A' && a[i] <= 'Z' ? a[i] + 32 : a[i];
      if (b != lowerCase.byteAt(i - from)) {
        return false;
      }
    }
    return true;
  }
}
