package anycast.edge.request;

import anycast.backhaul.exchange.Terms;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.routing.model.rule.Mirror;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Wish;
import anycast.routing.table.TargetGroup;
import io.netty.util.AsciiString;
import java.util.List;

/// Decides whether a request is copied, and to whom.
///
/// The copy reads what the original reads, host included, and one field more, by which its app can
/// tell that nobody waits for the answer. Clients cannot send this field.
final class Copies {
  static final AsciiString MIRRORED_BY = AsciiString.cached("x-mirrored-by");

  /// A copy is worth a second instance, not a third.
  private static final int ATTEMPTS = 2;

  private static final long WHOLE = 1_000_000;

  private Copies() {}

  /// Whether this request is in the share. Protocols that a connection switches to are no requests.
  static boolean due(Mirror mirror, Asked asked, Moment now) {
    return mirror != null
        && asked.head().upgrade() == null
        && Moment.below(WHOLE, now.bits(Moment.Use.MIRROR)) < mirror.share();
  }

  /// @param onward what the original reads; not touched
  static List<Terms.Copy> of(TargetGroup group, Asked asked, RequestHead onward, Moment now) {
    PickRequest request =
        new PickRequest(ATTEMPTS, Wish.NONE, 0, now.nowNanos(), now.bits(Moment.Use.MIRROR), false);
    return switch (group.picker(asked.port()).pick(request)) {
      case PickResult.None _ -> List.of();
      case PickResult.Picked(var candidates) -> List.of(new Terms.Copy(candidates, marked(onward)));
    };
  }

  private static RequestHead marked(RequestHead onward) {
    Fields fields = onward.fields().copy(MIRRORED_BY.length() + HeaderRules.PSEUDONYM.length(), 1);
    fields.add(MIRRORED_BY, HeaderRules.PSEUDONYM);
    return new RequestHead(
        onward.method(), onward.scheme(), onward.authority(), onward.path(), null, fields);
  }
}
