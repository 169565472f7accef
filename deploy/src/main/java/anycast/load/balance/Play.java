package anycast.load.balance;

import anycast.load.balance.Server.Ending;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/// One run of one scenario with one way of choosing. The same seed gives the same fleet, the same
/// arrivals and the same troubles to each way.
final class Play {
  /// How big, how long. Nodes carry two instances each or a few more.
  record Size(int edges, int instances, int seconds) {
    int nodes() {
      return Math.max(1, instances / 2 / Globe.REGIONS) * Globe.REGIONS;
    }
  }

  /// @param latencies of the answered requests in microseconds
  record Outcome(Histogram latencies, long requests, long errors) {
    double millis(double percentile) {
      return latencies.getValueAtPercentile(percentile) / 1_000.0;
    }

    double errorPercent() {
      return requests == 0 ? 0 : 100.0 * errors / requests;
    }
  }

  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  /// Not measured: averages are being learned.
  private static final long WARM_UP_NANOS = 4 * SECOND;

  /// After the last arrival, for what is still in flight.
  private static final long RUN_OUT_NANOS = 30 * SECOND;

  /// What an edge waits for a node that says nothing.
  private static final long PATIENCE_NANOS = SECOND;

  private static final double IDEMPOTENT = 0.9;
  private static final double BUDGET_SHARE = 0.2;
  private static final double BUDGET_PER_SECOND = 10;

  private final Size size;
  private final Scenario scenario;
  private final Globe globe;
  private final Agenda agenda = new Agenda();
  private final Server[] servers;
  private final boolean[] silent;
  private final Way way;
  private final SplittableRandom arrivals;
  private final SplittableRandom choices;
  private final SplittableRandom roads;
  private final long endNanos;
  private final double[] budget;
  private final long[] budgetAt;
  private final double[] rates;
  private final Histogram latencies = new Histogram(1, 120_000_000, 3);
  private long requests;
  private long errors;

  /// Makes one way for one fleet.
  interface WayMaker {
    Way make(Globe globe, Size size);
  }

  Play(Size size, Scenario scenario, WayMaker maker, long seed) {
    this.size = size;
    this.scenario = scenario;
    SplittableRandom root = new SplittableRandom(seed);
    globe = new Globe(size.edges, size.nodes(), root.split());
    SplittableRandom work = root.split();
    servers = new Server[size.instances];
    for (int i = 0; i < servers.length; i++) {
      servers[i] = new Server(i, agenda, work.split());
    }
    silent = new boolean[size.nodes()];
    arrivals = root.split();
    choices = root.split();
    roads = root.split();
    endNanos = size.seconds * SECOND;
    budget = new double[size.edges];
    budgetAt = new long[size.edges];
    rates = rates();
    way = maker.make(globe, size);
    Troubles.plan(this, root.split());
  }

  Outcome run() {
    for (int edge = 0; edge < size.edges; edge++) {
      arriveLater(edge);
    }
    agenda.at(SECOND / 10, this::report);
    agenda.run(endNanos + RUN_OUT_NANOS);
    return new Outcome(latencies, requests, errors);
  }

  Agenda agenda() {
    return agenda;
  }

  Scenario scenario() {
    return scenario;
  }

  Server[] servers() {
    return servers;
  }

  boolean[] silent() {
    return silent;
  }

  long endNanos() {
    return endNanos;
  }

  /// Edges hear of it one by one.
  void tell(int instance, boolean up) {
    for (int edge = 0; edge < size.edges; edge++) {
      int hears = edge;
      double late = scenario.lag().stateMillis() * (0.5 + roads.nextDouble());
      agenda.in((long) (late * MILLI), () -> way.onState(hears, instance, up));
    }
  }

  /// Requests a nanosecond of each edge without bursts.
  private double[] rates() {
    double total = scenario.load() * size.instances * Server.CORES / Server.MEAN_NANOS;
    double[] rates = new double[size.edges];
    double sum = 0;
    for (int edge = 0; edge < size.edges; edge++) {
      boolean busy = Globe.region(edge) % 7 == 0;
      rates[edge] = busy ? scenario.skew() : 1;
      sum += rates[edge];
    }
    for (int edge = 0; edge < size.edges; edge++) {
      rates[edge] *= total / sum;
    }
    return rates;
  }

  private double rate(int edge) {
    long start = 3 * SECOND + Globe.region(edge) * 700 * MILLI;
    boolean burst =
        scenario.bursts() && agenda.now() >= start && agenda.now() < start + 1_500 * MILLI;
    return rates[edge] * (burst ? 3 : 1);
  }

  private void arriveLater(int edge) {
    double wait = -Math.log(1 - arrivals.nextDouble()) / rate(edge);
    agenda.in(
        (long) wait,
        () -> {
          if (agenda.now() < endNanos) {
            new Request(edge).attempt();
            arriveLater(edge);
          }
        });
  }

  /// Loads of all instances go to all edges once a second.
  private void report() {
    int[] loads = new int[servers.length];
    long[] apps = new long[servers.length];
    for (int i = 0; i < servers.length; i++) {
      loads[i] = servers[i].inFlight();
      apps[i] = servers[i].appNanos();
    }
    for (int edge = 0; edge < size.edges; edge++) {
      int hears = edge;
      double late = scenario.lag().reportMillis() * (0.5 + roads.nextDouble());
      agenda.in((long) (late * MILLI), () -> way.onReports(hears, loads, apps, agenda.now()));
    }
    if (agenda.now() < endNanos) {
      agenda.in(SECOND, this::report);
    }
  }

  private boolean takeRetry(int edge) {
    double earned = BUDGET_PER_SECOND * (agenda.now() - budgetAt[edge]) / SECOND;
    budgetAt[edge] = agenda.now();
    budget[edge] = Math.min(100, budget[edge] + earned);
    if (way.budgeted() && budget[edge] < 1) {
      return false;
    }
    budget[edge]--;
    return true;
  }

  /// From a client's sight: arrival, attempts, one ending.
  private final class Request {
    private final int edge;
    private final long arrived = agenda.now();
    private final boolean idempotent = arrivals.nextDouble() < IDEMPOTENT;
    private final Way.Attempts attempts;
    private int tries;

    Request(int edge) {
      this.edge = edge;
      budget[edge] += BUDGET_SHARE;
      attempts = way.begin(edge, agenda.now(), choices.nextLong());
    }

    void attempt() {
      if (tries == way.attempts() || tries > 0 && !takeRetry(edge)) {
        end(false);
        return;
      }
      int instance = attempts.next();
      if (instance < 0) {
        end(false);
        return;
      }
      tries++;
      way.onBegin(edge, instance);
      long began = agenda.now();
      int node = instance % silent.length;
      if (silent[node]) {
        agenda.in(PATIENCE_NANOS, () -> back(instance, new Way.Told(null, -1, -1, -1)));
        return;
      }
      long oneWay = (long) (globe.roundTripNanos(edge, node) / 2 * (1 + 0.05 * roads.nextDouble()));
      Server.Call call =
          new Server.Call() {
            @Override
            void onEnd(Ending ending, int inFlight, long appNanos) {
              agenda.in(
                  oneWay,
                  () ->
                      back(
                          instance,
                          new Way.Told(ending, agenda.now() - began, inFlight, appNanos)));
            }
          };
      agenda.in(oneWay, () -> servers[instance].offer(call));
    }

    private void back(int instance, Way.Told told) {
      way.onEnd(edge, instance, told, agenda.now());
      switch (told.ending()) {
        case ANSWERED -> end(true);
        case FAILED -> end(false);
        case REFUSED -> attempt();
        case LOST -> again();
        case null -> again();
      }
    }

    private void again() {
      if (idempotent) {
        attempt();
      } else {
        end(false);
      }
    }

    private void end(boolean answered) {
      if (arrived < WARM_UP_NANOS) {
        return;
      }
      requests++;
      if (answered) {
        latencies.recordValue((agenda.now() - arrived) / 1_000);
      } else {
        errors++;
      }
    }
  }
}
