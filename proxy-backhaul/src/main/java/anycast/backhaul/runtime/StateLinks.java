package anycast.backhaul.runtime;

import anycast.backhaul.runtime.StateConfig.Regional;
import anycast.backhaul.runtime.StateConfig.Sources;
import anycast.routing.feed.FeedFollower.Named;
import anycast.routing.feed.LoadChannel;
import anycast.routing.feed.StatePublisher;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.AgentPeerAges;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.Publisher;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsLoads;
import anycast.routing.feed.nats.NatsPublisher;
import anycast.routing.feed.nats.NatsSource;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.time.Ticker;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/// From a configuration to what follows state, what may be asked beside it, and what writes it.
///
/// **Threading.** At start. **Ownership.** The caller closes what is made here.
///
/// @param sources one a state, not started
/// @param peers whose beats tell how fresh others are; empty where nobody can be asked
record StateLinks(List<Named> sources, Optional<AgentPeerAges> peers) {
  /// What a region's own state is followed for; its agents know of no other region.
  private static final Set<Table> REGIONAL =
      EnumSet.of(Table.INSTANCES, Table.INSTANCE_HEALTH, Table.BEATS);

  /// What is the same everywhere, with the beats of who writes it.
  private static final Set<Table> GLOBAL =
      EnumSet.complementOf(EnumSet.of(Table.INSTANCES, Table.INSTANCE_HEALTH));

  static StateLinks of(Sources sources, Ticker ticker) {
    return switch (sources) {
      case Sources.Agents(CorrosionConfig agents) ->
          of(StateConfig.SINGLE, agents, EnumSet.allOf(Table.class), List.of(), ticker);
      case Sources.Tiers(CorrosionConfig global, List<Regional> regional) -> {
        List<Named> tiers = new ArrayList<>();
        for (Regional tier : regional) {
          tiers.add(
              new Named(
                  tier.region().code(), new CorrosionSource(tier.agents(), REGIONAL, ticker)));
        }
        yield of(StateConfig.GLOBAL, global, GLOBAL, tiers, ticker);
      }
      case Sources.Nats(NatsConfig nats) -> {
        NatsSource source = new NatsSource(nats, EnumSet.allOf(Table.class), ticker);
        yield new StateLinks(List.of(new Named(StateConfig.SINGLE, source)), Optional.empty());
      }
    };
  }

  private static StateLinks of(
      String name, CorrosionConfig agents, Set<Table> tables, List<Named> others, Ticker ticker) {
    CorrosionSource source = new CorrosionSource(agents, tables, ticker);
    List<Named> all = new ArrayList<>();
    all.add(new Named(name, source));
    all.addAll(others);
    AgentPeerAges peers = new AgentPeerAges(agents, () -> source.agent(Table.BEATS), ticker);
    return new StateLinks(all, Optional.of(peers));
  }

  /// A channel for loads, where state has one.
  ///
  /// @param listener empty = to tell only
  static Optional<LoadChannel> loads(
      Sources sources, NodeId self, Optional<LoadChannel.Listener> listener, Ticker ticker) {
    return switch (sources) {
      case Sources.Agents _, Sources.Tiers _ -> Optional.empty();
      case Sources.Nats(NatsConfig nats) ->
          Optional.of(new NatsLoads(nats, self, listener, ticker));
    };
  }

  /// What a process tells of itself.
  ///
  /// @param node with the address that edges connect to; none on an edge
  /// @param instances all that this process owns; none on an edge
  /// @param ageMillis how old what this process knows is, asked at each beat
  record Told(Node node, List<Instance> instances, LongSupplier ageMillis) {}

  /// Not started.
  ///
  /// @throws IllegalArgumentException in a sentence where no state takes this region's instances
  static StatePublisher publisher(Sources sources, Told told, InstantSource clock) {
    return switch (sources) {
      case Sources.Agents(CorrosionConfig agents) ->
          publisher(Publisher.Stores.of(new StateClient(agents)), told, clock);
      case Sources.Tiers(CorrosionConfig global, List<Regional> regional) -> {
        StateClient everywhere = new StateClient(global);
        yield told.node().role() == Node.Role.EDGE
            ? publisher(Publisher.Stores.of(everywhere), told, clock)
            : publisher(
                new Publisher.Stores(
                    new StateClient(own(regional, told.node().region())), Optional.of(everywhere)),
                told,
                clock);
      }
      case Sources.Nats(NatsConfig nats) ->
          new NatsPublisher(nats, told.node(), told.instances(), told.ageMillis(), clock);
    };
  }

  private static StatePublisher publisher(Publisher.Stores stores, Told told, InstantSource clock) {
    return new Publisher(stores, told.node(), told.instances(), clock, told.ageMillis());
  }

  private static CorrosionConfig own(List<Regional> regional, RegionCode region) {
    return regional.stream()
        .filter(tier -> tier.region().equals(region))
        .map(Regional::agents)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no regional state takes the instances of region " + region));
  }
}
