package anycast.demo;

import anycast.backhaul.identity.PrivateCa;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsState;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Writes the fleet's rows into its state as an operator's tool would. (Instances and nodes are not
/// here: each worker publishes its own.)
public final class StateRows {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final URI state;
  private final List<Row> rows = new ArrayList<>();

  private record Row(Table table, List<Object> cells) {}

  public StateRows(URI state) {
    this.state = state;
  }

  public void app(String name) {
    rows.add(new Row(Table.APPS, List.of(name, 1L)));
  }

  public void service(FleetPlan.App app, int soft, int hard) {
    rows.add(
        new Row(
            Table.SERVICES,
            List.of(
                app.name(),
                "web",
                "[80,443]",
                8080L,
                app.protocol().column(),
                app.forceHttps() ? 1L : 0L,
                (long) soft,
                (long) hard,
                1L,
                "{}")));
  }

  void service(String app, Shop.Service service) {
    rows.add(
        new Row(
            Table.SERVICES,
            List.of(
                app,
                service.id(),
                service.ports().toString(),
                (long) service.internalPort(),
                AppProtocol.HTTP1.column(),
                0L,
                (long) service.soft(),
                (long) service.hard(),
                1L,
                service.policy())));
  }

  public void virtualService(String name, String document) {
    rows.add(new Row(Table.VIRTUAL_SERVICES, List.of(name, document, 1L)));
  }

  public void host(FleetPlan.Host host) {
    rows.add(new Row(Table.HOSTNAMES, List.of(host.name(), host.app(), 1L)));
  }

  public void certificate(String name, PrivateCa.Issued issued) {
    rows.add(new Row(Table.CERTIFICATES, List.of(name, issued.certificate(), issued.key(), 1L)));
  }

  /// How many instances of an app a node of another region counts.
  public void count(String app, String node, String region, int instances) {
    rows.add(new Row(Table.APP_REGIONS, List.of(app, node, region, (long) instances, 1L)));
  }

  public void write() throws FleetFault {
    try {
      if (state.getScheme().equals("nats")) {
        writeToBuckets();
      } else {
        writeToStore();
      }
    } catch (IOException e) {
      throw new FleetFault("rows could not be written to the state at " + state, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FleetFault("interrupted while writing rows");
    }
  }

  /// All in one transaction.
  private void writeToStore() throws IOException, InterruptedException {
    try (StateClient client = new StateClient(List.of(state), Optional.empty())) {
      client.transact(rows.stream().map(row -> Statement.put(row.table(), row.cells())).toList());
    }
  }

  private void writeToBuckets() throws IOException, InterruptedException {
    try (NatsState buckets = new NatsState(NatsConfig.of(List.of(state)), Ticker.system())) {
      buckets.awaitConnected(CONNECT_TIMEOUT);
      buckets.makeBuckets(Arrays.asList(Table.values()));
      for (Row row : rows) {
        buckets.put(row.table(), row.cells());
      }
    }
  }
}
