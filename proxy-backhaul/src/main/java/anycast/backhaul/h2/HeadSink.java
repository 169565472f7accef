package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import io.netty.handler.codec.EmptyHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/// Takes what the HPACK decoder reads, one field after the other, into our own form: pseudo-headers
/// into slots, the rest into [Fields]. Judges each field by itself; [Heads] judges the whole.
///
/// To the decoder it is an [Http2Headers] that is always empty. One per connection, begun anew for
/// each block. Strings that the decoder hands over are its own copies or table entries, both never
/// changed, so they are kept without copying.
///
/// **Limits.** Counts as RFC 9113 §6.5.2 does; above the limit nothing more is kept.
final class HeadSink extends EmptyHeaders<CharSequence, CharSequence, Http2Headers>
    implements Http2Headers {
  private static final AsciiString COOKIE = AsciiString.cached("cookie");
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final int FIELD_OVERHEAD_BYTES = 32;

  /// What an edge adds to a request as a rule, or a response on its way back (a third of it).
  private static final int ROOM_BYTES = 320;

  private static final int ROOM_FIELDS = 12;

  private final int maxListBytes;

  /// Filled for every block anew and handed over as a copy of its size: heads differ by a factor of
  /// ten, and clean arrays of the largest size were two thirds of all garbage.
  private final Fields fields = new Fields(1024, 24);

  private AsciiString method;
  private AsciiString scheme;
  private AsciiString authority;
  private AsciiString path;
  private AsciiString protocol;
  private AsciiString status;
  private AsciiString host;
  private AsciiString cookie;
  private StringBuilder moreCookies;
  private long contentLength;
  private boolean te;
  private boolean pseudo;
  private int listBytes;
  private boolean malformed;

  HeadSink(int maxListBytes) {
    this.maxListBytes = maxListBytes;
  }

  HeadSink begin() {
    fields.clear();
    method = null;
    scheme = null;
    authority = null;
    path = null;
    protocol = null;
    status = null;
    host = null;
    cookie = null;
    moreCookies = null;
    contentLength = -1;
    te = false;
    pseudo = false;
    listBytes = 0;
    malformed = false;
    return this;
  }

  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    AsciiString n = AsciiString.of(name);
    AsciiString v = AsciiString.of(value);
    listBytes += n.length() + v.length() + FIELD_OVERHEAD_BYTES;
    if (malformed || listBytes > maxListBytes) {
      return this;
    }
    if (n.length() > 0 && n.byteAt(0) == ':') {
      pseudo(n, v);
    } else if (Octets.name(n) && Octets.value(v)) {
      regular(n, v);
    } else {
      malformed = true;
    }
    return this;
  }

  private void pseudo(AsciiString name, AsciiString value) {
    // After a regular field none may come (RFC 9113 §8.3).
    if (!fields.isEmpty() || host != null || cookie != null || te || contentLength >= 0) {
      malformed = true;
      return;
    }
    pseudo = true;
    switch (name.toString()) {
      case ":method" -> method = once(method, value);
      case ":scheme" -> scheme = once(scheme, value);
      case ":authority" -> authority = once(authority, value);
      case ":path" -> path = once(path, value);
      case ":protocol" -> protocol = once(protocol, value);
      case ":status" -> status = once(status, value);
      default -> malformed = true;
    }
  }

  private AsciiString once(AsciiString before, AsciiString value) {
    if (before != null || !Octets.value(value)) {
      malformed = true;
    }
    return value;
  }

  // Lengths first: most names match none of these.
  private void regular(AsciiString name, AsciiString value) {
    switch (name.length()) {
      case 2 -> te(name, value);
      case 4 -> host(name, value);
      case 6 -> cookie(name, value);
      case 7 -> unless(name, "upgrade", value);
      case 10 -> {
        unless(name, "connection", value);
        if (name.contentEquals("keep-alive")) {
          malformed = true;
        }
      }
      case 14 -> contentLength(name, value);
      case 16 -> unless(name, "proxy-connection", value);
      case 17 -> unless(name, "transfer-encoding", value);
      default -> fields.add(name, value);
    }
  }

  // Fields about one HTTP/1 connection make a head malformed (RFC 9113 §8.2.2).
  private void unless(AsciiString name, String forbidden, AsciiString value) {
    if (name.contentEquals(forbidden)) {
      malformed = true;
    } else {
      fields.add(name, value);
    }
  }

  private void te(AsciiString name, AsciiString value) {
    if (name.contentEquals("te")) {
      te = true;
      if (!value.contentEqualsIgnoreCase(TRAILERS)) {
        malformed = true;
      }
    }
    fields.add(name, value);
  }

  private void host(AsciiString name, AsciiString value) {
    if (!name.contentEquals("host")) {
      fields.add(name, value);
    } else if (host != null || !Octets.authority(value)) {
      malformed = true;
    } else {
      host = value;
    }
  }

  // A client may split cookies for better compression; HTTP/1 wants one line (RFC 9113 §8.2.3).
  private void cookie(AsciiString name, AsciiString value) {
    if (!name.contentEquals(COOKIE)) {
      fields.add(name, value);
    } else if (cookie == null) {
      cookie = value;
    } else {
      if (moreCookies == null) {
        moreCookies = new StringBuilder(cookie);
      }
      moreCookies.append("; ").append(value);
    }
  }

  private void contentLength(AsciiString name, AsciiString value) {
    if (!name.contentEquals(CONTENT_LENGTH)) {
      fields.add(name, value);
      return;
    }
    long parsed = decimal(value);
    if (contentLength >= 0 || parsed < 0) {
      malformed = true;
      return;
    }
    contentLength = parsed;
    // Written anew: `005` is legal, and not every reader behind us takes it for 5.
    fields.add(CONTENT_LENGTH, value.byteAt(0) == '0' ? Long.toString(parsed) : value);
  }

  // -1 where it is not a decimal number below 10^18.
  private static long decimal(AsciiString text) {
    int length = text.length();
    if (length == 0 || length > 18) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      int digit = text.byteAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /// Fields of the block, with cookies joined at the end, and some room for more.
  Fields takeFields() {
    if (moreCookies != null) {
      fields.add(COOKIE, moreCookies);
    } else if (cookie != null) {
      fields.add(COOKIE, cookie);
    }
    return fields.copy(ROOM_BYTES, ROOM_FIELDS);
  }

  boolean malformed() {
    return malformed;
  }

  boolean tooLarge() {
    return listBytes > maxListBytes;
  }

  boolean hasPseudo() {
    return pseudo;
  }

  boolean hasTe() {
    return te;
  }

  AsciiString methodOrNull() {
    return method;
  }

  AsciiString schemeOrNull() {
    return scheme;
  }

  AsciiString authorityOrNull() {
    return authority;
  }

  AsciiString pathOrNull() {
    return path;
  }

  AsciiString protocolOrNull() {
    return protocol;
  }

  AsciiString statusOrNull() {
    return status;
  }

  AsciiString hostOrNull() {
    return host;
  }

  /// -1 where the block has none.
  long contentLength() {
    return contentLength;
  }

  // The rest of Http2Headers: nobody but the decoder sees this object, and it only adds.

  @Override
  public Http2Headers method(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers scheme(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers authority(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers path(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers status(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CharSequence method() {
    return method;
  }

  @Override
  public CharSequence scheme() {
    return scheme;
  }

  @Override
  public CharSequence authority() {
    return authority;
  }

  @Override
  public CharSequence path() {
    return path;
  }

  @Override
  public CharSequence status() {
    return status;
  }

  @Override
  public boolean contains(CharSequence name, CharSequence value, boolean caseInsensitive) {
    return false;
  }
}
