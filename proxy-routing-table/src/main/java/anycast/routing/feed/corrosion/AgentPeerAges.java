package anycast.routing.feed.corrosion;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Decoded;
import anycast.routing.feed.PeerAges;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.NodeId;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Asks the agents that this process does not follow what beats they have: an agent that was cut
/// off knows nothing of its peers, others do. Where there is one only, it is asked itself: it may
/// know what a stream from it does not bring.
///
/// **Threading.** One thread; a call waits up to 3 s for each other agent, one after the other.
/// **Ownership.** Holds a client an agent until [#close]. **Faults.** An agent that does not answer
/// is passed over; where none does, that is an error and no evidence.
public final class AgentPeerAges implements PeerAges, AutoCloseable {
  /// Evidence that takes longer is as old as what it is about.
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private final Map<URI, StateClient> clients = new HashMap<>();
  private final List<URI> urls;
  private final Supplier<URI> followed;

  /// @param config all agents of one source
  /// @param followed the agent that is followed now, e.g. [CorrosionSource#agent]: it is not asked
  public AgentPeerAges(CorrosionConfig config, Supplier<URI> followed, Ticker ticker) {
    this.urls = config.urls();
    this.followed = followed;
    for (URI url : urls) {
      clients.computeIfAbsent(url, u -> new StateClient(config.at(u), LIMIT, ticker));
    }
  }

  /// Each node's furthest beat of all that the asked agents have.
  @Override
  public List<Decoded.Beat> ask() throws IOException, InterruptedException {
    URI own = followed.get();
    Map<NodeId, Decoded.Beat> furthest = new HashMap<>();
    Optional<IOException> failure = Optional.empty();
    boolean answered = false;
    for (URI url : urls) {
      if (url.equals(own) && clients.size() > 1) {
        continue;
      }
      try {
        for (Decoded.Beat beat : beats(clients.get(url))) {
          furthest.merge(beat.node(), beat, (a, b) -> a.seq() >= b.seq() ? a : b);
        }
        answered = true;
      } catch (IOException e) {
        failure = Optional.of(e);
      }
    }
    if (!answered && failure.isPresent()) {
      throw failure.get();
    }
    return List.copyOf(furthest.values());
  }

  private static List<Decoded.Beat> beats(StateClient agent)
      throws IOException, InterruptedException {
    return agent.query(Statement.of(Table.BEATS.select())).stream()
        .map(cells -> RowCodec.decode(Table.BEATS, new Cells.Values(cells)))
        .filter(Decoded.Beat.class::isInstance)
        .map(Decoded.Beat.class::cast)
        .toList();
  }

  @Override
  public void close() {
    clients.values().forEach(StateClient::close);
  }
}
