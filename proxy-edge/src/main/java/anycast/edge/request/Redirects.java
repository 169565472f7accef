package anycast.edge.request;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.PathMatch;
import io.netty.util.AsciiString;

/// Sends clients elsewhere.
///
/// `Location` is always absolute: a path that begins with two slashes would name a host (RFC 3986
/// §4.2), and an absolute one cannot.
///
/// @param httpsPort public port with TLS, which `https` without a port means
record Redirects(int httpsPort) {
  private static final AsciiString LOCATION = AsciiString.cached("location");
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
  private static final AsciiString ZERO = AsciiString.cached("0");
  private static final String HTTPS = "https";
  private static final int MOVED_PERMANENTLY = 301;
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  /// To the same with TLS.
  Plan toHttps(Asked asked) {
    StringBuilder location = new StringBuilder(HTTPS + "://").append(asked.authority().host());
    port(location, httpsPort, HTTPS_PORT);
    return answer(MOVED_PERMANENTLY, location.append(asked.head().path()));
  }

  /// Where a rule says; a fault where that is the very place that was asked for.
  Plan byRule(Asked asked, PathMatch match, Action.Redirect redirect) {
    String came = asked.arrival().tls() ? HTTPS : "http";
    String scheme = redirect.scheme().isEmpty() ? came : redirect.scheme();
    String host =
        redirect.host().isEmpty()
            ? asked.authority().host().toString()
            : Target.encoded(redirect.host());
    int usual = scheme.equals(HTTPS) ? HTTPS_PORT : HTTP_PORT;
    int port = port(asked, redirect, scheme);
    CharSequence path = path(asked, match, redirect);
    if (scheme.equals(came)
        && asked.authority().host().contentEquals(host)
        && port == port(asked, usual)
        && asked.head().path().contentEquals(path)) {
      return new Plan.Refuse(Fault.of(FaultKind.LOOP, "the rule redirects to where it was asked"));
    }
    StringBuilder location = new StringBuilder(scheme).append("://").append(host);
    port(location, port, usual);
    return answer(redirect.status(), location.append(path));
  }

  private int port(Asked asked, Action.Redirect redirect, String scheme) {
    if (redirect.port() != 0) {
      return redirect.port();
    }
    int own = scheme.equals(HTTPS) ? httpsPort : HTTP_PORT;
    return redirect.scheme().isEmpty() ? port(asked, own) : own;
  }

  /// The port that the client named, which need not be ours: a forwarder may stand before us.
  private static int port(Asked asked, int unnamed) {
    AsciiString text = asked.head().authority();
    int colon = text.lastIndexOf(":");
    boolean named = colon > text.lastIndexOf("]") && colon + 1 < text.length();
    return named ? text.parseInt(colon + 1, text.length()) : unnamed;
  }

  private static CharSequence path(Asked asked, PathMatch match, Action.Redirect redirect) {
    AsciiString query = asked.queryText();
    String written = Target.encoded(redirect.path());
    if (written.isEmpty()) {
      return asked.head().path();
    }
    if (redirect.prefix() && match instanceof PathMatch.Prefix(String matched)) {
      return Rewriting.prefixed(asked, matched, written).append(query);
    }
    StringBuilder path = new StringBuilder(written);
    boolean second = !query.isEmpty() && written.indexOf('?') >= 0;
    return second ? path.append('&').append(query, 1, query.length()) : path.append(query);
  }

  private static void port(StringBuilder location, int port, int usual) {
    if (port != usual) {
      location.append(':').append(port);
    }
  }

  private static Plan answer(int status, CharSequence location) {
    Fields fields = new Fields(256, 5);
    fields.add(LOCATION, location);
    fields.add(CONTENT_LENGTH, ZERO);
    return new Plan.Answer(new ResponseHead(status, fields));
  }
}
