package anycast.routing.feed.corrosion;

import anycast.routing.feed.StateSource;
import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/// Follows every table by one subscription of a Corrosion agent, or of anything that speaks its
/// API.
public final class CorrosionSource implements StateSource {
  public CorrosionSource(List<URI> urls, Optional<String> token, Ticker ticker) {}

  @Override
  public void start(Sink sink) {
    throw new UnsupportedOperationException("B");
  }

  @Override
  public void resnapshot(Table table) {
    throw new UnsupportedOperationException("B");
  }

  @Override
  public void close() {}
}
