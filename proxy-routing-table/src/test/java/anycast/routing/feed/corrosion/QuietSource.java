package anycast.routing.feed.corrosion;

import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A source whose streams may be quiet for less than the product's, for tests with a real clock.
public final class QuietSource {
  private QuietSource() {}

  public static CorrosionSource of(URI agent, Set<Table> tables, Duration quiet) {
    return new CorrosionSource(
        CorrosionConfig.of(List.of(agent), Optional.empty()),
        tables,
        Ticker.system(),
        new TableStream.Limits(AgentHttp.HEAD_LIMIT, AgentHttp.HEAD_LIMIT, quiet));
  }
}
