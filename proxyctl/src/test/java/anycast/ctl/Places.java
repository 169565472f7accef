package anycast.ctl;

import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsServer;
import anycast.routing.feed.nats.NatsState;
import anycast.routing.feed.sqlite.StoreProcess;
import anycast.routing.time.Ticker;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A real store and a real NATS server, each as a process of its own.
final class Places implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Path dir;
  private final List<Runnable> ends = new ArrayList<>();

  Places(Path dir) {
    this.dir = dir;
  }

  URI store() throws Exception {
    return store("state.db");
  }

  /// @param database its file
  URI store(String database) throws Exception {
    StoreProcess store = StoreProcess.serving(dir, dir.resolve(database));
    ends.add(store::close);
    return store.uri();
  }

  URI nats() throws Exception {
    URI url = emptyNats();
    try (NatsState state = nats(url)) {
      state.makeBuckets(Arrays.asList(Table.values()));
    }
    return url;
  }

  /// One without buckets.
  URI emptyNats() throws Exception {
    NatsServer server = NatsServer.alone(dir.resolve("nats-" + ends.size()), "");
    ends.add(server::close);
    return server.uri();
  }

  /// Writes rows as a worker or another tool does.
  static void put(URI place, Table table, List<Object> cells) throws Exception {
    if (place.getScheme().equals("nats")) {
      try (NatsState state = nats(place)) {
        state.put(table, cells);
      }
    } else {
      try (StateClient client = new StateClient(List.of(place), Optional.empty())) {
        client.transact(List.of(Statement.put(table, cells)));
      }
    }
  }

  private static NatsState nats(URI url) throws Exception {
    NatsState state = new NatsState(NatsConfig.of(List.of(url)), Ticker.system());
    state.awaitConnected(DEADLINE);
    return state;
  }

  @Override
  public void close() {
    ends.forEach(Runnable::run);
  }
}
