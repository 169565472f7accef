package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.routing.pick.Wish;
import anycast.routing.virtual.RequestView;
import io.netty.util.AsciiString;

/// A request that is well-formed, with a canonical path: what routing looks at.
///
/// Query and cookies are taken apart when a rule asks for the first time.
///
/// **Threading.** One event loop. **Ownership.** Reads the head; whoever edits the head has no more
/// use for this.
final class Asked implements RequestView {
  private final Visitor visitor;
  private final Arrival arrival;
  private final RequestHead head;
  private final Authority authority;
  private final Wish wish;
  private final int pathEnd;
  private Pairs query;
  private Pairs cookies;

  /// @param head with a canonical path
  /// @param wish where the client wants it to go
  Asked(Visitor visitor, Arrival arrival, RequestHead head, Authority authority, Wish wish) {
    this.visitor = visitor;
    this.arrival = arrival;
    this.head = head;
    this.authority = authority;
    this.wish = wish;
    int start = pathStart();
    pathEnd = Pairs.indexOf(path(), (byte) '?', start, start + head.path().length());
  }

  Visitor visitor() {
    return visitor;
  }

  Arrival arrival() {
    return arrival;
  }

  RequestHead head() {
    return head;
  }

  Authority authority() {
    return authority;
  }

  Wish wish() {
    return wish;
  }

  @Override
  public byte[] path() {
    return head.path().array();
  }

  @Override
  public int pathStart() {
    return head.path().arrayOffset();
  }

  @Override
  public int pathEnd() {
    return pathEnd;
  }

  /// What stands behind the path, with its `?`; empty where nothing does.
  AsciiString queryText() {
    return head.path().subSequence(pathEnd - pathStart(), head.path().length(), false);
  }

  @Override
  public CharSequence method() {
    return head.method();
  }

  @Override
  public int port() {
    return arrival.port();
  }

  /// `host` is the authority, which is no field in a head.
  @Override
  public CharSequence header(String name, int index) {
    Fields fields = head.fields();
    int skip = index;
    for (int i = 0; i < fields.size(); i++) {
      int start = fields.nameStart(i);
      if (Pairs.same(fields.array(), start, start + fields.nameLength(i), name) && skip-- == 0) {
        return fields.value(i);
      }
    }
    return index == 0 && name.equals("host") ? head.authority() : null;
  }

  @Override
  public CharSequence query(String name, int index) {
    if (query == null) {
      int end = pathStart() + head.path().length();
      query = Pairs.ofQuery(path(), Math.min(pathEnd + 1, end), end);
    }
    return query.value(name, index);
  }

  @Override
  public CharSequence cookie(String name, int index) {
    if (cookies == null) {
      cookies = Pairs.ofCookies(head.fields());
    }
    return cookies.value(name, index);
  }
}
