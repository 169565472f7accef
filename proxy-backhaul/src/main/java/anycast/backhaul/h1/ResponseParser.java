package anycast.backhaul.h1;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads response heads of an app, as strictly as [RequestParser] reads requests.
///
/// Wider than the grammar in one thing: the blank between status and an empty reason may be
/// missing, as many servers leave it out. Bytes behind a response that was not the last of its
/// connection are not this parser's to judge: the caller closes when there are any, since it has
/// asked for nothing yet.
///
/// **Threading.** One owner. **Limits.** Head 64 KiB, 100 fields, 32 informational heads before a
/// final one. **Faults.** `APP_PROTOCOL`, the same for ever.
public final class ResponseParser {
  private static final ResponseRead MORE = ResponseRead.Incomplete.MORE;
  private static final int MAX_HEAD_BYTES = 64 << 10;
  private static final int MAX_INFORMATIONAL = 32;
  private static final int STATUS_END = 12;
  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  private final LineReader lines = new LineReader(MAX_HEAD_BYTES);
  private final FieldLine line = new FieldLine();
  private boolean headMethod;
  private boolean upgradeAsked;
  private int informational;
  private FieldSection section;
  private boolean http10;
  private int status;
  private ResponseRead.Refused refused;

  /// Makes ready for the response to the next request.
  ///
  /// @param headMethod the request was a HEAD
  /// @param upgradeAsked 101 is a possible answer
  public void begin(boolean headMethod, boolean upgradeAsked) {
    this.headMethod = headMethod;
    this.upgradeAsked = upgradeAsked;
    informational = 0;
    section = null;
    lines.clear();
  }

  /// Reads on. Takes all bytes unless the head ends; then exactly those up to its end.
  public ResponseRead read(ByteBuf in) {
    while (refused == null) {
      switch (lines.next(in, MAX_HEAD_BYTES)) {
        case MORE -> {
          // A TLS alert or another protocol's greeting may never end its line: told now, it is the
          // app's mistake and not a timeout.
          return section != null || lines.pendingAgreesWith(VERSION)
              ? MORE
              : refuse("answer does not begin like HTTP/1");
        }
        case BARE_LF -> refuse("line ends in a lone LF");
        case LINE_TOO_LONG, ALL_TOO_LONG -> refuse("head larger than 64 KiB");
        case LINE -> {
          if (section == null) {
            onStatusLine();
          } else if (lines.lineStart() == lines.lineEnd()) {
            return onHeadEnd(in);
          } else {
            onFieldLine();
          }
        }
      }
    }
    return refused;
  }

  private ResponseRead refuse(String detail) {
    refused = new ResponseRead.Refused(Fault.of(FaultKind.APP_PROTOCOL, detail));
    return refused;
  }

  private void onStatusLine() {
    byte[] a = lines.array();
    int start = lines.lineStart();
    int end = lines.lineEnd();
    boolean wellFormed =
        end - start >= STATUS_END
            && Arrays.equals(a, start, start + 7, VERSION, 0, 7)
            && Grammar.digit(a[start + 7])
            && a[start + 8] == ' '
            && Grammar.digit(a[start + 9])
            && Grammar.digit(a[start + 10])
            && Grammar.digit(a[start + 11])
            && (end - start == STATUS_END || a[start + STATUS_END] == ' ')
            && Grammar.values(a, start + STATUS_END, end);
    if (!wellFormed) {
      refuse("status line is not HTTP/1");
      return;
    }
    http10 = a[start + 7] == '0';
    status = (a[start + 9] - '0') * 100 + (a[start + 10] - '0') * 10 + a[start + 11] - '0';
    if (status < 100 || status > 599) {
      refuse("status is not between 100 and 599");
    } else if (status == 101 && !upgradeAsked) {
      refuse("101 that nobody asked for");
    } else if (status < 200 && status != 101 && ++informational > MAX_INFORMATIONAL) {
      refuse("more than 32 informational heads");
    } else {
      section = new FieldSection();
    }
  }

  private void onFieldLine() {
    String wrong = line.parse(lines.array(), lines.lineStart(), lines.lineEnd());
    if (wrong == null) {
      wrong = section.add(lines.array(), line);
    }
    if (wrong != null) {
      refuse(wrong);
    }
  }

  private ResponseRead onHeadEnd(ByteBuf in) {
    String wrong = judge();
    if (wrong != null) {
      return refuse(wrong);
    }
    section.finish();
    boolean neverBody = status < 200 || status == 204;
    if (neverBody) {
      section.fields.removeAll(FieldName.CONTENT_LENGTH.text);
    }
    Framing framing = neverBody || status == 304 || headMethod ? Framing.NONE : framing();
    if (status == 101) {
      framing = Framing.UNTIL_CLOSE;
    }
    boolean keepAlive =
        !section.close
            && (!http10 || section.keepAlive)
            && framing.kind() != Framing.Kind.UNTIL_CLOSE;
    ResponseRead complete =
        new ResponseRead.Complete(new ResponseHead(status, section.fields), framing, keepAlive);
    section = null;
    lines.end(in);
    return complete;
  }

  private String judge() {
    if (status == 101 && !(section.upgradeOption && section.upgradesToWebSocket)) {
      return "101 without an upgrade to websocket";
    }
    if (!section.transferEncoding) {
      return null;
    }
    if (section.contentLength >= 0) {
      return "content-length beside transfer-encoding";
    }
    if (http10) {
      return "transfer-encoding in HTTP/1.0";
    }
    return section.codings() == FieldSection.Codings.CHUNKED
        ? null
        : "transfer coding is not chunked";
  }

  private Framing framing() {
    if (section.transferEncoding) {
      return Framing.CHUNKED;
    }
    return section.contentLength < 0
        ? Framing.UNTIL_CLOSE
        : Framing.ofLength(section.contentLength);
  }
}
