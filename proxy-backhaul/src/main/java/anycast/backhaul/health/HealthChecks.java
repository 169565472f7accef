package anycast.backhaul.health;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.routing.model.Entity.InstanceHealthKey;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Standing;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.time.Ticker;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The checks of all instances of this host, as their services say: the worker knows at once who is
/// ready, the fleet by the rows that are written.
///
/// ```
///   table ── who is here, which checks ──► checks' thread ── a run ──► virtual thread: Probe
///                                              ▲   │                        │
///                       result, or its time is over └───────────────────────┘
///                                                  ├──► standings, read by event loops
///                                                  └──► rows, by the publisher
/// ```
///
/// **Threading.** One thread holds all state; probes block on virtual ones; [#standing] and
/// [#views] from anywhere. **Limits.** [Aim#MOST] checks an instance, one run of each at a time.
/// **Faults.** Whatever a probe meets is a result; a probe that does not come back is one, too.
public final class HealthChecks implements AutoCloseable {
  /// How late a change of the table is seen.
  private static final long LOOK_MILLIS = 100;

  /// A new instance is looked at so often until it passed: it is waited for.
  private static final long FRESH_NANOS = 1_000_000_000L;

  /// The first run comes within this, so that not all of a host's checks meet for ever.
  private static final long FIRST_NANOS = 500_000_000L;

  /// Faster than this a check is an attack on the app.
  private static final long LEAST_INTERVAL_NANOS = 10_000_000L;

  private static final int MOST_UNFINISHED = 2;

  private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);

  private final RoutingTable table;
  private final NodeId self;
  private final List<InstanceId> owned;
  private final Outside outside;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("health").daemon(true).factory());

  private volatile Map<InstanceId, Health> known = Map.of();

  // The thread's.
  private final Map<InstanceId, CheckedInstance> instances = new LinkedHashMap<>();
  private RoutingSnapshot looked;
  private List<InstanceHealth> told;
  private final long startNanos;

  /// What it needs of the process.
  ///
  /// @param publish takes all rows of this node, each time that one changes
  /// @param counters of threads that are not loops
  public record Outside(
      Consumer<List<InstanceHealth>> publish,
      CounterCell counters,
      Ticker ticker,
      InstantSource clock) {}

  /// What is known of one instance.
  ///
  /// @param detail why it is not ready; empty where it is
  /// @param checks how many there are
  public record Health(Standing standing, String detail, int checks) {}

  /// @param owned the instances of this node
  public HealthChecks(RoutingTable table, NodeId self, List<InstanceId> owned, Outside outside) {
    this.table = table;
    this.self = self;
    this.owned = List.copyOf(owned);
    this.outside = outside;
    this.startNanos = outside.ticker().nanos();
  }

  /// Begins; called once the table holds something.
  public void start() {
    thread.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// Whether the instance shall get requests. One with checks that were not begun yet shall not.
  ///
  /// **Threading.** Any event loop.
  public Standing standing(Candidate candidate) {
    Health health = known.get(candidate.instance().id());
    if (health != null) {
      return health.standing();
    }
    return candidate.service() == null || candidate.service().policy().checks().isEmpty()
        ? Standing.READY
        : Standing.FAILING;
  }

  /// What is known, for operators.
  public Map<InstanceId, Health> views() {
    return known;
  }

  private void look() {
    try {
      RoutingSnapshot now = table.current();
      long nowNanos = outside.ticker().nanos();
      if (now != looked) {
        looked = now;
        owned.forEach(id -> look(now, id, nowNanos));
      }
      settle(nowNanos);
    } catch (RuntimeException e) {
      LOG.error("checks were not brought up to date, and are the next time", e);
      looked = null;
    }
  }

  private void look(RoutingSnapshot now, InstanceId id, long nowNanos) {
    Candidate candidate = now.instance(id);
    boolean here =
        candidate != null
            && candidate.instance().node().equals(self)
            && candidate.instance().state() == Instance.State.STARTED;
    if (!here) {
      CheckedInstance gone = instances.remove(id);
      if (gone != null) {
        gone.cancel();
      }
      return;
    }
    CheckedInstance checked =
        instances.computeIfAbsent(
            id, _ -> new CheckedInstance(id, restored(now, id, nowNanos), nowNanos));
    Instance instance = candidate.instance();
    checked
        .aim(Aim.of(instance, now.app(instance.app())), nowNanos)
        .forEach(check -> later(check, ThreadLocalRandom.current().nextLong(first(check))));
    checked.weigh();
  }

  /// The executor would say nothing.
  private static void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.error("a step of a check failed by a mistake of ours", e);
    }
  }

  private static long first(RunningCheck check) {
    return Math.max(1, Math.min(FIRST_NANOS, check.aim().check().intervalNanos()));
  }

  /// What an earlier process wrote; a row that is seen later is this one's own.
  private InstanceHealth restored(RoutingSnapshot now, InstanceId id, long nowNanos) {
    return nowNanos - startNanos < CheckedInstance.SETTLE_NANOS
            && now.find(new InstanceHealthKey(self, id)) instanceof InstanceHealth row
        ? row
        : null;
  }

  private void later(RunningCheck check, long nanos) {
    thread.schedule(() -> guarded(() -> run(check)), nanos, TimeUnit.NANOSECONDS);
  }

  private void run(RunningCheck check) {
    if (check.isCancelled()) {
      return;
    }
    int run = check.begin();
    if (check.unfinished() > MOST_UNFINISHED) {
      check.finished();
      check.timeout(thread.schedule(() -> {}, 0, TimeUnit.NANOSECONDS));
      onResult(check, run, new CheckResult.Failed("earlier checks have not ended"));
      return;
    }
    Probe probe = new Probe(check.aim());
    check.timeout(
        thread.schedule(
            () -> guarded(() -> onTimeout(check, run, probe)),
            check.aim().check().timeoutNanos(),
            TimeUnit.NANOSECONDS));
    Thread.ofVirtual()
        .name("check " + check.of().instance())
        .start(() -> {
          CheckResult result;
          try {
            result = probe.run();
          } catch (RuntimeException e) {
            LOG.error("a check failed by a mistake of ours", e);
            result = new CheckResult.Failed("could not be done");
          }
          offer(check, run, result);
        });
  }

  private void offer(RunningCheck check, int run, CheckResult result) {
    try {
      thread.execute(() ->
          guarded(() -> {
            check.finished();
            onResult(check, run, result);
          }));
    } catch (RejectedExecutionException e) {
      // The process stops.
    }
  }

  private void onTimeout(RunningCheck check, int run, Probe probe) {
    onResult(check, run, new CheckResult.Failed("no answer in time"));
    probe.abort();
  }

  private void onResult(RunningCheck check, int run, CheckResult result) {
    long nowNanos = outside.ticker().nanos();
    if (!check.onResult(run, result, nowNanos)) {
      return;
    }
    if (check.of().weigh()) {
      outside.counters().add(Counter.HEALTH_CHANGES);
      LOG.info(
          "instance {} is {} {}",
          check.of().instance(),
          check.of().standing(),
          check.of().detail());
    }
    settle(nowNanos);
    later(check, distance(check));
  }

  /// A tenth more or less: what began together drifts apart.
  private static long distance(RunningCheck check) {
    long nanos = Math.max(LEAST_INTERVAL_NANOS, check.aim().check().intervalNanos());
    if (check.state().status() == CheckState.Status.FRESH) {
      nanos = Math.min(nanos, FRESH_NANOS);
    }
    return nanos - nanos / 10 + ThreadLocalRandom.current().nextLong(nanos / 5);
  }

  /// Lets everybody know.
  private void settle(long nowNanos) {
    Map<InstanceId, Health> healths = new HashMap<>();
    List<InstanceHealth> rows = new ArrayList<>();
    long nowMillis = outside.clock().millis();
    for (CheckedInstance one : instances.values()) {
      int checks = one.checks().size();
      healths.put(one.instance(), new Health(one.standing(), one.detail(), checks));
      one.row(self, nowNanos, nowMillis).ifPresent(rows::add);
    }
    if (!healths.equals(known)) {
      known = Map.copyOf(healths);
    }
    if (!rows.equals(told)) {
      told = rows;
      outside.publish().accept(List.copyOf(rows));
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
