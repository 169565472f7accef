package anycast.load.table;

import static java.nio.charset.StandardCharsets.US_ASCII;

import anycast.backhaul.watchdog.Flight;
import anycast.backhaul.watchdog.FlightSlot;
import anycast.routing.model.Hostname;
import anycast.routing.model.InstanceId;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.Picker;
import anycast.routing.table.AppRoute;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/// What a request and an update cost among a million hosts and 100,000 instances. [TableBench] runs
/// these.
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TableBenchmark {
  static final int HOSTS = 1_000_000;
  private static final int BATCH = 100;
  private static final int HOT = 1 << 10;
  private static final int COLD = 1 << 20;

  private static final byte[] SHOP = "shop.customer.example".getBytes(US_ASCII);
  private static final String EXCHANGE = "01JD3M5W3V9TQ4Z8R6K2N7XBCA-fra";
  private static final Action TO_ELSEWHERE =
      new Action.Redirect(302, "", "else.test", 0, "", false);

  private RoutingTable table;
  private SnapshotBuilder builder;
  private World.Questions hot;
  private World.Questions cold;
  private World.Questions wildcard;
  private World.Questions miss;
  private InstanceId[] ids;
  private Picker picker;
  private int next;
  private long generation = 1;
  private Flight flight;
  private CompiledRule rule;

  @Setup
  public void build() {
    builder = World.builder();
    table = new RoutingTable(World.withHosts(builder, World.fleet(builder), HOSTS));
    hot = World.Questions.of(HOT, HOT, i -> World.host(i * (HOSTS / HOT)));
    cold = World.Questions.of(COLD, HOSTS, World::host);
    wildcard = World.Questions.of(HOT, World.APPS / 100, i -> "www.eu." + World.zone(i));
    miss = World.Questions.of(COLD, HOSTS, i -> "not-" + World.host(i));
    ids = new InstanceId[COLD];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = new InstanceId("instance-" + (int) ((i * 2_654_435_761L >>> 3) % World.INSTANCES));
    }
    flight = Flight.open(place(), "bench", 1, Ticker.system(), InstantSource.system());
    rule =
        CompiledRule.of("shop", new Rule("all", Match.ALL, TO_ELSEWHERE), _ -> 0)
            .from(new Origin(1, 2));
    picker = table.current().app(World.app(77)).services().getFirst().picker();
  }

  private static Optional<Path> place() {
    try {
      return Optional.of(Files.createTempDirectory("flight"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private AppRoute find(World.Questions questions) {
    int i = next++ & questions.ends().length - 2;
    int start = questions.ends()[i];
    return table.current().find(questions.bytes(), start, questions.ends()[i + 1] - start);
  }

  /// What one wait for memory costs on this machine, now: the scale for the cold cases, which are
  /// two to three such waits and little else.
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int memoryWait(Memory memory) {
    int at = memory.at;
    for (int i = 0; i < BATCH; i++) {
      at = memory.next[at];
    }
    memory.at = at;
    return at;
  }

  /// A chain through 96 MB in random order, each place once.
  @State(Scope.Thread)
  public static class Memory {
    private int[] next;
    private int at;

    @Setup
    public void build() {
      next = new int[24_000_000];
      Arrays.setAll(next, i -> i);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = next.length - 1; i > 0; i--) {
        int other = random.nextInt(i);
        int swapped = next[i];
        next[i] = next[other];
        next[other] = swapped;
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void hostHot(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(find(hot));
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void hostCold(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(find(cold));
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void hostWildcard(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(find(wildcard));
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void hostMiss(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(find(miss));
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void instanceCold(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(table.current().instance(ids[next++ & ids.length - 1]));
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void pickThree(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(picker.pick(PickRequest.of(3, 0, next++)));
    }
  }

  /// All that a request by a rule writes into the flight file.
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void flightStamp() {
    FlightSlot slot = flight.loop(0);
    for (int i = 0; i < BATCH; i++) {
      slot.route(SHOP, 0, SHOP.length, EXCHANGE, i, next++);
      slot.matching(rule.origin());
      slot.rule(rule);
      slot.rest();
    }
  }

  /// One instance changes; the next request sees it.
  @Benchmark
  public RoutingSnapshot updateInstance() {
    int i = (int) ((next++ * 2_654_435_761L >>> 3) % World.INSTANCES);
    return publish(new Change.Put(World.instance(i, ++generation)));
  }

  /// One hostname moves to another app.
  @Benchmark
  public RoutingSnapshot updateHostname() {
    int i = (int) ((next++ * 2_654_435_761L >>> 3) % HOSTS);
    return publish(
        new Change.Put(new Hostname(World.host(i), World.app(next % World.APPS), ++generation)));
  }

  private RoutingSnapshot publish(Change change) {
    RoutingSnapshot snapshot = builder.apply(table.current(), new Delta(List.of(change)));
    table.publish(snapshot);
    return snapshot;
  }
}
