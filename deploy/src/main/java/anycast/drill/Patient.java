package anycast.drill;

import anycast.demo.AdminProbe;
import anycast.demo.FleetFault;
import anycast.demo.Probe;
import anycast.demo.Supervised;
import anycast.routing.admission.AdmissionLimits;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Ledger;
import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.LastGood;
import anycast.routing.feed.lastgood.LastGoodStore;
import anycast.routing.feed.lastgood.SaveResult;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Poison;
import anycast.routing.table.Change;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What a drill does to an edge, and how it finds out how the edge is.
///
/// **Threading.** One thread. **Faults.** A [FleetFault] where it does not become as it should.
final class Patient {
  /// A process that is stuck is asked again.
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final Operator operator;
  private final Client client;
  private final Watch watch;
  private final Supervised supervisor;
  private final Ticker ticker = Ticker.system();
  private final Probe probe;
  private final AdminProbe admin = new AdminProbe(ticker);

  /// What an edge keeps out.
  ///
  /// @param detail the stack, several lines
  record Quarantined(String reason, String detail) {}

  Patient(Operator operator, Client client, Watch watch) {
    this.operator = operator;
    this.client = client;
    this.watch = watch;
    this.supervisor = operator.supervisor();
    this.probe = new Probe(operator.ca(), ticker);
  }

  void pause(Duration duration) {
    long endNanos = ticker.nanos() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = endNanos - ticker.nanos()) {
      LockSupport.parkNanos(left);
    }
  }

  /// Sends a request for the poisoned host that nobody waits for.
  void follow(Operator.Edge edge, String name) {
    Target target = new Target("poison", PoisonRows.host(name), edge.https());
    Thread.ofVirtual().start(() -> client.get(target));
  }

  /// Until the host answers by this version of its document.
  void awaitVersion(Operator.Edge edge, String name, String version) throws FleetFault {
    String field = "x-version: " + version;
    operator.await(
        edge.name() + " answers for " + PoisonRows.host(name) + " with " + field,
        () -> probe.once(edge.https(), PoisonRows.host(name), "/").lines().anyMatch(field::equals));
  }

  /// Until a request would follow this rule; null = none of this virtual service's.
  void awaitRule(Operator.Edge edge, String name, String rule) throws FleetFault {
    String url = "https://" + PoisonRows.host(name) + "/";
    String page = "/explain?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8);
    String followed = PoisonRows.key(name) + "/" + (rule == null ? "" : rule);
    operator.await(
        edge.name() + (rule == null ? " has no rule " : " follows ") + followed,
        () ->
            admin.ask(edge.socket(), page, LIMIT).toString().contains(followed) == (rule != null));
  }

  boolean ended(String process, long sinceNanos) {
    return watch.deaths(sinceNanos).stream().anyMatch(death -> death.process().equals(process));
  }

  /// What the supervisor says of the end of the process before.
  String lastEnd(Operator.Edge edge) {
    try {
      return supervisor.service(edge.name(), LIMIT).lastEnd();
    } catch (IOException e) {
      return "the supervisor does not answer";
    }
  }

  void awaitServing(Operator.Edge edge) throws FleetFault {
    Target hello = new Target("hello", "hello.demo.test", edge.https());
    operator.await(edge.name() + " serves", () -> client.get(hello).equals("200"));
  }

  /// Until nothing that is in force is on trial any more: the version in force is the one that
  /// would come back.
  void awaitStable(Operator.Edge edge) throws FleetFault {
    operator.await(
        edge.name() + " has nothing unstable",
        () -> {
          JsonNode quarantine = admin.ask(edge.socket(), "/quarantine", LIMIT);
          return quarantine.path("unstable").asInt(-1) == 0
              && quarantine.path("held_count").asInt(-1) == 0;
        });
  }

  Quarantined awaitQuarantined(Operator.Edge edge, String key) throws FleetFault {
    List<Quarantined> found = new ArrayList<>();
    operator.await(
        edge.name() + " has " + key + " in quarantine",
        () -> {
          for (JsonNode entry : admin.ask(edge.socket(), "/quarantine", LIMIT).path("entries")) {
            if (entry.path("key").asText().equals(key)) {
              String page = "/quarantine/show?hash=" + entry.path("hash").asText();
              String detail = admin.ask(edge.socket(), page, LIMIT).path("detail").asText();
              found.add(new Quarantined(entry.path("reason").asText(), detail));
            }
          }
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  void stop(Operator.Edge edge) throws FleetFault {
    supervisor.command("stop", edge.name());
    operator.await(edge.name() + " stops", () -> watch.pid(edge.name()) == 0);
  }

  void start(Operator.Edge edge) throws FleetFault {
    supervisor.command("start", edge.name());
    operator.await(edge.name() + " starts", () -> watch.pid(edge.name()) != 0);
  }

  /// Makes a stopped edge believe that the poisoned document has proven itself, as after a program
  /// before that could follow it: it is in the saved table, and stable in the journal.
  void poisonLastGood(Operator.Edge edge, String name, Poison poison) throws FleetFault {
    try (DirectoryDisk disk = DirectoryDisk.open(directory(edge, "last-good"))) {
      LastGoodStore store = new LastGoodStore(disk);
      if (!(store.load() instanceof LastGood.Loaded loaded)) {
        throw new FleetFault(edge.name() + " has saved no table");
      }
      List<Entity> entities = new ArrayList<>();
      for (Entity entity : loaded.entities()) {
        if (entity.key().equals(new Entity.VirtualServiceKey(PoisonRows.key(name)))) {
          VirtualService good = (VirtualService) entity;
          VirtualService poisoned =
              new VirtualService(
                  good.name(),
                  PoisonRows.poisonedDocument(name, poison),
                  good.generation() + 1,
                  good.rules());
          prove(edge, good, poisoned);
          entities.add(poisoned);
        } else {
          entities.add(entity);
        }
      }
      SaveResult saved = store.save(entities::forEach, Long.MAX_VALUE >> 1, loaded.asOfMillis());
      if (!(saved instanceof SaveResult.Saved)) {
        throw new FleetFault("the table of " + edge.name() + " could not be saved: " + saved);
      }
    } catch (IOException e) {
      throw new FleetFault("the table of " + edge.name() + " could not be poisoned", e);
    }
  }

  private static Path directory(Operator.Edge edge, String what) {
    return edge.socket().resolveSibling(edge.name() + "-" + what);
  }

  private static void prove(Operator.Edge edge, VirtualService before, VirtualService poisoned)
      throws IOException {
    long millis = InstantSource.system().millis();
    Moment began = new Moment(0, millis);
    AdmissionLimits limits = AdmissionLimits.STANDARD;
    try (DirectoryDisk disk = DirectoryDisk.open(directory(edge, "admission"));
        Ledger ledger = Ledger.open(disk, LastEnd.NONE, limits, new NodeId(edge.name()), began)) {
      ledger.intent(List.of(new Change.Put(poisoned)), List.of(before), began);
      for (int second = 1; second <= limits.soak().toSeconds() + 1; second++) {
        long nanos = TimeUnit.SECONDS.toNanos(second);
        ledger.onBeat(true, new Moment(nanos, millis + TimeUnit.SECONDS.toMillis(second)));
      }
    }
  }
}
