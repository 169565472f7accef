package anycast.edge.request;

import anycast.backhaul.head.RequestHead;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rewrite;
import io.netty.util.AsciiString;

/// Puts something else in place of the path's prefix, and of the host.
final class Rewriting {
  private Rewriting() {}

  /// The head that goes on; the same fields.
  ///
  /// @param rewrite null = as it came
  static RequestHead of(Asked asked, PathMatch match, Rewrite rewrite) {
    RequestHead head = asked.head();
    if (rewrite == null) {
      return head;
    }
    AsciiString authority = authority(head.authority(), rewrite.host());
    AsciiString path = head.path();
    if (!rewrite.prefix().isEmpty() && match instanceof PathMatch.Prefix(String matched)) {
      path =
          AsciiString.of(
              prefixed(asked, matched, Target.encoded(rewrite.prefix()))
                  .append(asked.queryText())
                  .toString());
    }
    return new RequestHead(
        head.method(), head.scheme(), authority, path, head.upgrade(), head.fields());
  }

  /// A host that is none stays unwritten: it would become a line of an HTTP/1 head.
  private static AsciiString authority(AsciiString came, String host) {
    AsciiString written = AsciiString.of(host);
    return Authority.parse(written) == null ? came : written;
  }

  /// The path with `replacement` for the matched prefix. Whatever slashes the two end with, one
  /// stands between what was put in and what stays: `/a` for `/` makes `/a/b` of `/b`, `/` for `/a`
  /// makes `/b` of `/a/b` and `/` of `/a`. What comes out never begins with two, which some take
  /// for a host.
  static StringBuilder prefixed(Asked asked, String matched, String replacement) {
    int keptAt = asked.pathStart() + bare(matched);
    int end = asked.pathEnd();
    int length = bare(replacement);
    StringBuilder path = new StringBuilder(length + end - keptAt + 1);
    path.append(replacement, 0, length);
    if (length == 0) {
      while (end - keptAt > 1 && asked.path()[keptAt + 1] == '/') {
        keptAt++;
      }
    }
    for (int i = keptAt; i < end; i++) {
      path.append((char) (asked.path()[i] & 0xff));
    }
    return path.isEmpty() ? path.append('/') : path;
  }

  /// Its length without slashes at the end.
  private static int bare(String prefix) {
    int length = prefix.length();
    while (length > 0 && prefix.charAt(length - 1) == '/') {
      length--;
    }
    return length;
  }
}
