package anycast.load.state;

import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.InstanceId;
import java.io.IOException;
import java.util.List;

/// Instances beside the world's, whose versions are numbered: `@7@` is the address of the seventh.
final class Marker {
  private static final String NAME = "marker-";

  private Marker() {}

  static InstanceId id(int place) {
    return new InstanceId(NAME + place);
  }

  /// Writes a version; returns when the store has it. Of versions of one place that come within one
  /// batch, the store tells the last.
  static void write(StateClient store, int place, long number)
      throws IOException, InterruptedException {
    store.transact(
        List.of(
            Statement.put(
                Table.INSTANCES,
                List.of(
                    "wrk-0",
                    id(place).value(),
                    "app-0",
                    "fra",
                    "@" + number + "@",
                    1L,
                    "started",
                    "{}",
                    number,
                    1L))));
  }
}
