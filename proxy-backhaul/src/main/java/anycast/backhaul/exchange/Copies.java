package anycast.backhaul.exchange;

import anycast.backhaul.head.Fields;
import anycast.backhaul.runtime.Counter;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/// The copies of one request: each gets what the original gets and is otherwise on its own.
///
/// **Threading.** The exchange's event loop.
final class Copies {
  private final List<CopyRun> runs = new ArrayList<>(1);

  private Copies() {}

  /// Begins those for which the process has room.
  ///
  /// @param body what came of it so far; null where there is none
  /// @param end the request has ended
  static Copies begin(
      Exchanges shared, LiveExchanges live, Plan.Forward plan, Replay body, boolean end) {
    Copies copies = new Copies();
    for (Terms.Copy each : plan.terms().copies()) {
      if (shared.copyBegun()) {
        CopyRun run = new CopyRun(shared, live, plan, each);
        live.copied(run);
        run.begin(body, end);
        copies.runs.add(run);
      } else {
        live.count(Counter.COPIES_REFUSED);
      }
    }
    return copies;
  }

  /// @param data stays the caller's
  void onData(ByteBuf data, boolean end) {
    for (int i = 0; i < runs.size(); i++) {
      runs.get(i).onData(data.retainedDuplicate(), end);
    }
  }

  void onTrailers(Fields trailers) {
    for (int i = 0; i < runs.size(); i++) {
      runs.get(i).onTrailers(trailers);
    }
  }

  void onOriginalEnd(long nowNanos) {
    for (int i = 0; i < runs.size(); i++) {
      runs.get(i).onOriginalEnd(nowNanos);
    }
  }
}
