package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.feed.Moment;
import anycast.routing.feed.Publication;
import anycast.routing.feed.lastgood.Disk;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import anycast.routing.virtual.Origin;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// An admission with a real compiler and a real ledger. Threads are judged by the machine's clock,
/// everything else passes when the test says so.
public final class Rig implements AutoCloseable {
  static final NodeId SELF = new NodeId("edge-1");

  static final AdmissionLimits LIMITS =
      new AdmissionLimits(
          Duration.ofMillis(100),
          Duration.ofSeconds(5),
          Duration.ofHours(24),
          1.0,
          Duration.ofSeconds(60));

  private final SnapshotBuilder builder =
      new SnapshotBuilder(new Locality(SELF, new RegionCode("fra")), this::compiled);

  public final RoutingTable table = new RoutingTable(builder.empty());

  /// Whoever compiles a virtual service named `slow-*` waits until this is zero.
  final CountDownLatch slow = new CountDownLatch(1);

  /// Works that the compiler was given.
  final AtomicInteger works = new AtomicInteger();

  public final Admission admission;
  private long millis = 1_000_000;
  private long passedNanos;

  public Rig() {
    this(new MemoryDisk(), LastEnd.NONE);
  }

  Rig(Disk disk, LastEnd last) {
    this(disk, last, LIMITS);
  }

  private Rig(Disk disk, LastEnd last, AdmissionLimits limits) {
    Ledger ledger = Ledger.open(disk, last, limits, SELF, now());
    InstantSource clock = () -> java.time.Instant.ofEpochMilli(millis);
    admission =
        new Admission(
            new Admission.World(table, builder, (_, _) -> {}, this::nanos, clock),
            ledger,
            limits,
            new Surroundings(last, this::note, CompilerThread.Watch.NOBODY, () -> true, true),
            () -> {});
  }

  /// One that takes nearly all rules a minute later than others.
  static Rig inSecondWave() {
    return new Rig(
        new MemoryDisk(),
        LastEnd.NONE,
        new AdmissionLimits(
            LIMITS.entryBudget(), LIMITS.soak(), LIMITS.quarantine(), 1e-9, LIMITS.firstSoak()));
  }

  private void note(ContentHash entry, Stage stage) {
    if (stage != Stage.IDLE) {
      works.incrementAndGet();
    }
  }

  private Origin compiled(VirtualService virtual) {
    boolean waits = virtual.name().startsWith("slow-");
    while (waits) {
      try {
        slow.await();
        waits = false;
      } catch (InterruptedException e) {
        // it was given up, and hangs all the same
      }
    }
    return Origin.UNKNOWN;
  }

  private long nanos() {
    return Ticker.system().nanos() + passedNanos;
  }

  public Moment now() {
    return new Moment(nanos(), millis);
  }

  /// A second passes.
  public void pass() {
    millis += 1_000;
    passedNanos += 1_000_000_000;
  }

  /// A second passes, and what is due is published.
  Publication.Turn second() {
    pass();
    Publication.Turn turn = admission.turn(now(), true);
    if (!turn.due().isEmpty()) {
      put(turn.due().toArray(Entity[]::new));
    }
    return turn;
  }

  public List<QuarantineEntry> out() {
    return admission.desk().entries();
  }

  Publication.Published put(Entity... entities) {
    return publish(Arrays.stream(entities).<Change>map(Change.Put::new).toList());
  }

  Publication.Published publish(List<Change> changes) {
    return admission.publish(new Delta(changes));
  }

  /// What readers see of a virtual service: its version; 0 = nothing.
  long version(String name) {
    Entity found = table.current().find(new Entity.VirtualServiceKey(name));
    return found == null ? 0 : found.generation();
  }

  /// A virtual service as its feed would decode it.
  VirtualService read(String name, long version, String fault) {
    String document = document(name, version, fault);
    return new VirtualService(name, document, version, admission.documents().rules(name, document));
  }

  /// @param fault `throw at compile`, for example; empty = none
  public static String document(String name, long version, String fault) {
    String[] words = fault.split(" at ");
    return "hosts: [%s.test]\nrules: [ { name: v%d, to: [ { selector: \"app=%s\" } ] } ]\n%s"
        .formatted(
            name,
            version,
            name,
            fault.isEmpty() ? "" : "fault: { kind: " + words[0] + ", at: " + words[1] + " }\n");
  }

  static List<App> apps(int from, int to) {
    List<App> apps = new ArrayList<>();
    for (int i = from; i < to; i++) {
      apps.add(new App(new AppId("app-" + i), 1));
    }
    return apps;
  }

  void assertOnlyOut(String key, Stage stage) {
    assertEquals(
        List.of(key + " " + stage),
        out().stream().map(entry -> entry.key() + " " + entry.stage()).toList());
  }

  @Override
  public void close() {
    slow.countDown();
    admission.close();
  }
}
