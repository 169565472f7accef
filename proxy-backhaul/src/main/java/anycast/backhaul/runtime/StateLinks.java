package anycast.backhaul.runtime;

import anycast.backhaul.runtime.StateConfig.Regional;
import anycast.backhaul.runtime.StateConfig.Sources;
import anycast.routing.feed.Cells;
import anycast.routing.feed.Decoded;
import anycast.routing.feed.FeedFollower.Named;
import anycast.routing.feed.PeerAges;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsSource;
import anycast.routing.time.Ticker;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// From a configuration to what follows state and what may be asked beside it.
///
/// **Threading.** At start.
final class StateLinks {
  /// What a region's own state is followed for; its agents know of no other region.
  private static final Set<Table> REGIONAL = EnumSet.of(Table.INSTANCES, Table.BEATS);

  /// What is the same everywhere, with the beats of who writes it.
  private static final Set<Table> GLOBAL = EnumSet.complementOf(EnumSet.of(Table.INSTANCES));

  private StateLinks() {}

  /// One source a state, not started.
  static List<Named> sources(Sources sources, Ticker ticker) {
    return switch (sources) {
      case Sources.Agents(CorrosionConfig agents) ->
          List.of(
              new Named(
                  StateConfig.SINGLE,
                  new CorrosionSource(agents, EnumSet.allOf(Table.class), ticker)));
      case Sources.Tiers(CorrosionConfig global, List<Regional> regional) -> {
        List<Named> named = new ArrayList<>();
        named.add(new Named(StateConfig.GLOBAL, new CorrosionSource(global, GLOBAL, ticker)));
        for (Regional tier : regional) {
          named.add(
              new Named(
                  tier.region().code(), new CorrosionSource(tier.agents(), REGIONAL, ticker)));
        }
        yield named;
      }
      case Sources.Nats(NatsConfig nats) ->
          List.of(
              new Named(
                  StateConfig.SINGLE, new NatsSource(nats, EnumSet.allOf(Table.class), ticker)));
    };
  }

  /// The state whose beats tell how fresh others are; empty where nobody can be asked beside the
  /// stream.
  ///
  /// The agents in reverse order: a stream is mostly with the first one, so another one is asked
  /// where there is another one.
  static Optional<StateClient> peers(Sources sources) {
    return switch (sources) {
      case Sources.Agents(CorrosionConfig agents) -> Optional.of(reversed(agents));
      case Sources.Tiers(CorrosionConfig global, _) -> Optional.of(reversed(global));
      case Sources.Nats _ -> Optional.empty();
    };
  }

  private static StateClient reversed(CorrosionConfig agents) {
    return new StateClient(
        new CorrosionConfig(
            agents.urls().reversed(),
            agents.token(),
            agents.endpoint(),
            agents.caFile(),
            agents.stickiness(),
            agents.region()));
  }

  static PeerAges peerAges(StateClient client) {
    return () -> {
      List<Decoded.Beat> beats = new ArrayList<>();
      for (List<Object> row : client.query(Statement.of(Table.BEATS.select()))) {
        if (RowCodec.decode(Table.BEATS, new Cells.Values(row)) instanceof Decoded.Beat beat) {
          beats.add(beat);
        }
      }
      return beats;
    };
  }
}
