package anycast.backhaul.wire;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import io.netty.util.AsciiString;

/// The one request of an edge of its own: that the worker say how busy its instances are, for as
/// long as the link stands.
///
/// A client's request cannot be taken for it: every request that is forwarded says by
/// `x-anycast-to` to whom, and this one does not.
public final class LoadRequest {
  private static final AsciiString METHOD = AsciiString.cached("GET");
  private static final AsciiString SCHEME = AsciiString.cached("https");
  private static final AsciiString AUTHORITY = AsciiString.cached("worker");
  private static final AsciiString PATH = AsciiString.cached("/.anycast/loads");

  private LoadRequest() {}

  public static RequestHead head() {
    return new RequestHead(METHOD, SCHEME, AUTHORITY, PATH, null, new Fields(0, 0));
  }

  public static boolean is(RequestHead head) {
    return head.path().equals(PATH)
        && head.authority().equals(AUTHORITY)
        && head.method().equals(METHOD)
        && !BackhaulHead.isAddressed(head.fields());
  }
}
