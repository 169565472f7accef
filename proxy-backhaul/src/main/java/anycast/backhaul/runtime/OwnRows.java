package anycast.backhaul.runtime;

import anycast.backhaul.runtime.StateConfig.Regional;
import anycast.backhaul.runtime.StateConfig.Sources;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.Publisher;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsPublisher;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What a process tells the fleet of itself, whichever way state is written: its node, its
/// instances, its beats.
///
/// **Threading.** Any; [#awaitPublished] and [#withdraw] wait.
public sealed interface OwnRows extends AutoCloseable {
  /// Begins to write. Called once.
  void start();

  /// Waits until the rows stand in state.
  ///
  /// @return false where `timeout` passed first
  boolean awaitPublished(Duration timeout) throws InterruptedException;

  boolean isPublished();

  /// Takes the node out of state, so that others are chosen before this one refuses; gives up
  /// quietly.
  void withdraw(Duration timeout) throws InterruptedException;

  /// Stops writing.
  @Override
  void close();

  /// What is to be told.
  ///
  /// @param node with the address that edges connect to; none on an edge
  /// @param instances all that this process owns; none on an edge
  /// @param ageMillis how old what this process knows is, asked at each beat
  record Told(Node node, List<Instance> instances, LongSupplier ageMillis) {}

  /// Not started.
  ///
  /// @throws IllegalArgumentException in a sentence where no state takes this region's instances
  static OwnRows of(Sources sources, Told told, InstantSource clock) {
    return switch (sources) {
      case Sources.Agents(CorrosionConfig agents) ->
          new ByAgents(new StateClient(agents), Optional.empty(), told, clock);
      case Sources.Tiers tiers -> {
        StateClient global = new StateClient(tiers.global());
        yield told.node().role() == Node.Role.EDGE
            ? new ByAgents(global, Optional.empty(), told, clock)
            : new ByAgents(new StateClient(own(tiers, told)), Optional.of(global), told, clock);
      }
      case Sources.Nats(NatsConfig nats) -> new ByNats(nats, told, clock);
    };
  }

  private static CorrosionConfig own(Sources.Tiers tiers, Told told) {
    return tiers.regional().stream()
        .filter(tier -> tier.region().equals(told.node().region()))
        .map(Regional::agents)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no regional state takes the instances of region " + told.node().region()));
  }

  /// By transactions of agents.
  final class ByAgents implements OwnRows {
    private final StateClient own;
    private final Optional<StateClient> global;
    private final Publisher publisher;

    private ByAgents(
        StateClient own, Optional<StateClient> global, Told told, InstantSource clock) {
      this.own = own;
      this.global = global;
      this.publisher =
          new Publisher(
              new Publisher.Stores(own, global),
              told.node(),
              told.instances(),
              clock,
              told.ageMillis());
    }

    @Override
    public void start() {
      publisher.start();
    }

    @Override
    public boolean awaitPublished(Duration timeout) throws InterruptedException {
      return publisher.awaitPublished(timeout);
    }

    @Override
    public boolean isPublished() {
      return publisher.isPublished();
    }

    @Override
    public void withdraw(Duration timeout) throws InterruptedException {
      publisher.withdraw(timeout);
    }

    @Override
    public void close() {
      publisher.close();
      own.close();
      global.ifPresent(StateClient::close);
    }
  }

  /// By buckets of NATS JetStream.
  final class ByNats implements OwnRows {
    private final NatsPublisher publisher;

    private ByNats(NatsConfig nats, Told told, InstantSource clock) {
      publisher =
          new NatsPublisher(nats, told.node(), told.instances(), false, told.ageMillis(), clock);
    }

    @Override
    public void start() {
      publisher.start();
    }

    @Override
    public boolean awaitPublished(Duration timeout) throws InterruptedException {
      return publisher.awaitPublished(timeout);
    }

    @Override
    public boolean isPublished() {
      return publisher.isPublished();
    }

    @Override
    public void withdraw(Duration timeout) throws InterruptedException {
      publisher.withdraw(timeout);
    }

    @Override
    public void close() {
      publisher.close();
    }
  }
}
