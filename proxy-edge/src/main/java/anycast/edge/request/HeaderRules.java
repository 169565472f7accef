package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.head.Fields;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.model.RegionCode;
import io.netty.util.AsciiString;

/// What the edge takes out of heads and writes into them.
///
/// Towards the app, every field that the app reads as the edge's word is the edge's word: what a
/// client sent under such a name goes, also in the spelling with `_` for `-`, which app servers
/// that make environment variables of fields cannot tell apart. `x-forwarded-port` is the one that
/// a client may set: the platform that apps come from keeps it, and gives the true port as
/// `fly-forwarded-port`. From a trusted proxy `x-forwarded-for` is kept and continued.
///
/// **Threading.** Immutable. **Ownership.** Edits the fields in place; the caller owns them.
public final class HeaderRules {
  /// What we call ourselves in `via` (RFC 9110 §7.6.3); one name for the fleet, so that a loop over
  /// two edges is seen.
  static final AsciiString PSEUDONYM = AsciiString.cached("anycast");

  private static final AsciiString VIA = AsciiString.cached("via");
  private static final AsciiString VIA_1_0 = AsciiString.cached("1.0 anycast");
  private static final AsciiString VIA_1_1 = AsciiString.cached("1.1 anycast");
  private static final AsciiString VIA_2 = AsciiString.cached("2 anycast");
  private static final AsciiString SERVER = AsciiString.cached("server");
  private static final AsciiString FLY_REQUEST_ID = AsciiString.cached("fly-request-id");
  private static final AsciiString FLY_CLIENT_IP = AsciiString.cached("fly-client-ip");
  private static final AsciiString FLY_REGION = AsciiString.cached("fly-region");
  private static final AsciiString FLY_FORWARDED_PORT = AsciiString.cached("fly-forwarded-port");
  private static final AsciiString FORWARDED_FOR = AsciiString.cached("x-forwarded-for");
  private static final AsciiString FORWARDED_PROTO = AsciiString.cached("x-forwarded-proto");
  private static final AsciiString FORWARDED_SSL = AsciiString.cached("x-forwarded-ssl");
  private static final AsciiString FORWARDED_HOST = AsciiString.cached("x-forwarded-host");
  private static final AsciiString FORWARDED_PORT = AsciiString.cached("x-forwarded-port");
  private static final AsciiString FORWARDED_PREFIX = AsciiString.cached("x-forwarded-");
  private static final AsciiString FLY_FORWARDED_PREFIX = AsciiString.cached("fly-forwarded-");
  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString ON = AsciiString.cached("on");
  private static final AsciiString OFF = AsciiString.cached("off");

  /// Names that only an edge sets, beside those with the prefixes.
  private static final AsciiString[] EDGE_ONLY = {
    FLY_CLIENT_IP,
    FLY_REGION,
    FLY_REQUEST_ID,
    AsciiString.cached("fly-src"),
    AsciiString.cached("fly-src-signature"),
    AsciiString.cached("fly-replay-src"),
    AsciiString.cached("fly-replay-failed"),
    AsciiString.cached("fly-replay-cache-status"),
    AsciiString.cached("fly-preferred-instance-unavailable"),
    AsciiString.cached("forwarded"),
    AsciiString.cached("x-real-ip"),
    Copies.MIRRORED_BY,
    // Programs behind CGI take this one for their own proxy setting (CVE-2016-5385).
    AsciiString.cached("proxy"),
  };

  private final AsciiString region;

  public HeaderRules(RegionCode region) {
    this.region = AsciiString.of(region.code());
  }

  /// Makes a request's fields fit to go upstream.
  ///
  /// @param authority as the client sent it, already found well-formed
  void onRequest(Fields fields, Visitor visitor, Arrival arrival, AsciiString authority) {
    AsciiString forwardedFor =
        visitor.trusted() ? continued(fields, visitor.forwardedFor()) : visitor.forwardedFor();
    boolean portSent = removeSpoofed(fields);
    boolean tls = arrival.tls();
    fields.add(FLY_CLIENT_IP, visitor.client());
    fields.add(FORWARDED_FOR, forwardedFor);
    fields.add(FORWARDED_PROTO, tls ? HTTPS : HTTP);
    fields.add(FORWARDED_SSL, tls ? ON : OFF);
    fields.add(FORWARDED_HOST, authority);
    if (!portSent) {
      fields.add(FORWARDED_PORT, visitor.port());
    }
    fields.add(FLY_FORWARDED_PORT, visitor.port());
    fields.add(FLY_REQUEST_ID, arrival.id());
    fields.add(FLY_REGION, region);
    fields.add(VIA, via(arrival.httpVersion()));
  }

  /// Makes a response's fields fit for a client. It came over a link, which speaks HTTP/2.
  public static void onResponse(Fields fields, String requestId) {
    int kept = fields.size();
    boolean server = false;
    for (int i = 0; i < kept; ) {
      if (fields.nameIs(i, FLY_REQUEST_ID) || startsWith(fields, i, BackhaulHead.PREFIX)) {
        fields.remove(i);
        kept--;
      } else {
        server |= fields.nameIs(i, SERVER);
        i++;
      }
    }
    fields.add(VIA, VIA_2);
    fields.add(FLY_REQUEST_ID, requestId);
    if (!server) {
      fields.add(SERVER, PSEUDONYM);
    }
  }

  /// Adds what an answer of the edge itself carries: no `via`, as it went through nothing.
  public static void onOwnAnswer(Fields fields, String requestId) {
    fields.add(FLY_REQUEST_ID, requestId);
    fields.add(SERVER, PSEUDONYM);
  }

  /// How often the request came through this fleet before, by its `via` (RFC 9110 §7.6.3).
  static int passes(Fields fields) {
    int count = 0;
    for (int i = fields.find(VIA); i >= 0; i = fields.find(VIA, i + 1)) {
      count += passes(fields.array(), fields.valueStart(i), fields.valueLength(i));
    }
    return count;
  }

  /// Elements are `[name/]version received-by [comment]`, separated by commas.
  private static int passes(byte[] bytes, int start, int length) {
    int count = 0;
    int end = start + length;
    int at = start;
    while (at < end) {
      int comma = at;
      while (comma < end && bytes[comma] != ',') {
        comma++;
      }
      at = skipBlanks(bytes, at, comma);
      at = skipWord(bytes, at, comma);
      at = skipBlanks(bytes, at, comma);
      int wordEnd = skipWord(bytes, at, comma);
      if (wordEnd - at == PSEUDONYM.length() && sameAt(bytes, at, PSEUDONYM)) {
        count++;
      }
      at = comma + 1;
    }
    return count;
  }

  private static int skipBlanks(byte[] bytes, int at, int end) {
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
    return at;
  }

  private static int skipWord(byte[] bytes, int at, int end) {
    while (at < end && bytes[at] != ' ' && bytes[at] != '\t') {
      at++;
    }
    return at;
  }

  /// Removes what only an edge may say; whether the client sent `x-forwarded-port`.
  private static boolean removeSpoofed(Fields fields) {
    boolean portSent = false;
    int kept = fields.size();
    for (int i = 0; i < kept; ) {
      if (!spoofed(fields, i)) {
        i++;
      } else if (fields.nameIs(i, FORWARDED_PORT)) {
        portSent = true;
        i++;
      } else {
        fields.remove(i);
        kept--;
      }
    }
    return portSent;
  }

  /// Few names begin with these three letters: the rest is told by one byte.
  private static boolean spoofed(Fields fields, int i) {
    int length = fields.nameLength(i);
    if (length == 0) {
      return false;
    }
    byte first = fields.array()[fields.nameStart(i)];
    if (first == 'x') {
      return startsWith(fields, i, FORWARDED_PREFIX)
          || startsWith(fields, i, BackhaulHead.PREFIX)
          || edgeOnly(fields, i, length);
    }
    return first == 'f' && startsWith(fields, i, FLY_FORWARDED_PREFIX)
        || (first == 'f' || first == 'p') && edgeOnly(fields, i, length);
  }

  private static boolean edgeOnly(Fields fields, int i, int length) {
    for (AsciiString name : EDGE_ONLY) {
      if (name.length() == length && sameAt(fields.array(), fields.nameStart(i), name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(Fields fields, int i, AsciiString prefix) {
    return fields.nameLength(i) >= prefix.length()
        && sameAt(fields.array(), fields.nameStart(i), prefix);
  }

  /// Whether `text` stands at this place, `_` taken for `-`.
  private static boolean sameAt(byte[] bytes, int at, AsciiString text) {
    byte[] other = text.array();
    int otherAt = text.arrayOffset();
    for (int i = 0; i < text.length(); i++) {
      byte b = bytes[at + i];
      if ((b == '_' ? '-' : b) != other[otherAt + i]) {
        return false;
      }
    }
    return true;
  }

  /// A trusted proxy's list with this hop behind it.
  private static AsciiString continued(Fields fields, AsciiString hop) {
    StringBuilder list = new StringBuilder();
    for (int i = fields.find(FORWARDED_FOR); i >= 0; i = fields.find(FORWARDED_FOR, i + 1)) {
      list.append(fields.valueText(i)).append(", ");
    }
    return list.isEmpty() ? hop : AsciiString.of(list.append(hop));
  }

  private static AsciiString via(String httpVersion) {
    return switch (httpVersion) {
      case "2" -> VIA_2;
      case "1.0" -> VIA_1_0;
      default -> VIA_1_1;
    };
  }
}
