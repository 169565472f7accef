package anycast.load.bench;

import anycast.demo.FleetFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures what a request costs in this chain, HAProxy → HAProxy and nginx → nginx; `deploy/bench`
/// runs it.
///
/// All chains run all the time; a round takes one run of each, so that what else the machine does
/// falls on all alike.
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "CPU, rate, latency and memory of three chains, side by side")
public final class Bench implements Callable<Integer> {
  @Option(names = "--rounds", defaultValue = "5", description = "runs of each chain in each case")
  private int rounds;

  @Option(names = "--seconds", defaultValue = "3", description = "length of a run")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "60",
      description = "most seconds before a case, each chain")
  private int warmUpSeconds;

  @Option(names = "--quick", description = "two rounds of two seconds: to see that it works")
  private boolean quick;

  @Option(names = "--only", split = ",", description = "cases, for instance small-h2,upload-h1")
  private List<String> only = List.of();

  @Option(names = "--chains", split = ",", description = "anycast, haproxy, nginx")
  private List<String> chains = Chain.NAMES;

  @Option(
      names = "--virtual",
      description = "beside our chain the same one with 10,000 rules in front of its app")
  private boolean virtual;

  @Option(
      names = "--threads",
      defaultValue = "1",
      description = "event loops or threads, each process")
  private int threads;

  @Option(
      names = "--pin",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "proxies on one half of the cores, load and app on the other")
  private boolean pin;

  @Option(
      names = "--jvm",
      defaultValue = "-Xms256m -Xmx256m -XX:+UseSerialGC -XX:+UseCompactObjectHeaders",
      description = "flags of our proxies")
  private String jvmFlags;

  @Option(names = "--dir", description = "for configurations, logs and result.json")
  private Path dir;

  private final PrintWriter out = new PrintWriter(System.out, true);

  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (quick) {
      rounds = 2;
      seconds = 2;
      warmUpSeconds = 20;
    }
    Path place =
        dir == null
            ? Files.createTempDirectory("anycast-bench-")
            : Files.createDirectories(dir.toAbsolutePath());
    try {
      measure(place);
      return 0;
    } catch (FleetFault e) {
      System.err.println("bench: " + e.getMessage());
      return 1;
    }
  }

  private void measure(Path place) throws FleetFault, IOException, InterruptedException {
    BenchSettings settings = settings(place);
    Map<String, String> machine = Machine.describe(Instant.now());
    machine.forEach((name, value) -> out.printf("%-8s %s%n", name, value));
    out.printf("%-8s %s%n%n", "files", place);
    List<Series> all = new ArrayList<>();
    Chains started = new Chains(settings);
    Runtime.getRuntime().addShutdownHook(new Thread(started::close, "bench-stop"));
    started.startApps();
    List<Chain> running = new ArrayList<>();
    for (String name : wanted()) {
      Chain chain = started.start(name);
      out.printf(
          "%-8s %s; between the hops: %s%n", name, chain.address(), started.awaitAnswer(chain));
      running.add(chain);
    }
    Load generator = new Load(place, settings.loadPin());
    for (BenchCase load : BenchCase.ALL) {
      if (only.isEmpty() || only.contains(load.name())) {
        all.addAll(runCase(load, running, generator));
      }
    }
    Report.json(place.resolve("result.json"), machine, all);
    out.printf("%nAs JSON: %s%n", place.resolve("result.json"));
  }

  private List<String> wanted() {
    List<String> wanted = new ArrayList<>(chains);
    if (virtual) {
      wanted.add(wanted.indexOf(Chain.OURS) + 1, Chain.OURS_BY_RULES);
    }
    return wanted;
  }

  private BenchSettings settings(Path place) {
    int cores = Runtime.getRuntime().availableProcessors();
    List<String> proxies = List.of();
    List<String> rest = List.of();
    if (pin && cores >= 2) {
      proxies = List.of("taskset", "-c", "%d-%d".formatted(cores / 2, cores - 1));
      rest = List.of("taskset", "-c", "0-%d".formatted(cores / 2 - 1));
    }
    return new BenchSettings(place, threads, proxies, rest, List.of(jvmFlags.strip().split(" +")));
  }

  private List<Series> runCase(BenchCase load, List<Chain> running, Load generator)
      throws FleetFault, IOException, InterruptedException {
    for (Chain chain : running) {
      warmUp(load, chain, generator);
    }
    List<Series> saturated = rounds(load, running, generator, 0);
    Report report = new Report(out);
    report.table(load.name() + ", as much as goes through", saturated);
    List<Series> all = new ArrayList<>(saturated);
    if (load.fixedRate()) {
      double slowest =
          saturated.stream().mapToDouble(s -> s.median(Sample::rate)).min().orElseThrow();
      double rate = Math.floor(slowest / 2);
      List<Series> fixed = rounds(load, running, generator, rate);
      report.table("%s, %.0f requests/s".formatted(load.name(), rate), fixed);
      all.addAll(fixed);
    }
    return all;
  }

  /// Until a request's cost stops falling: a JVM compiles what it has seen often, the other chains
  /// are done at once.
  private void warmUp(BenchCase load, Chain chain, Load generator)
      throws FleetFault, IOException, InterruptedException {
    double best = Double.MAX_VALUE;
    int idleRuns = 0;
    for (int spent = 0; spent < warmUpSeconds && idleRuns < 2; spent += seconds) {
      double cpu = sample(load, chain, generator, 0).cpuMicros();
      idleRuns = cpu > best * 0.95 ? idleRuns + 1 : 0;
      best = Math.min(best, cpu);
    }
  }

  private List<Series> rounds(BenchCase load, List<Chain> running, Load generator, double rate)
      throws FleetFault, IOException, InterruptedException {
    List<Series> all = new ArrayList<>();
    for (Chain chain : running) {
      all.add(new Series(chain.name(), load.name(), rate));
    }
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < running.size(); i++) {
        // Each round begins with another chain: none always follows the same neighbour.
        int next = (i + round) % running.size();
        all.get(next).samples().add(sample(load, running.get(next), generator, rate));
      }
    }
    return all;
  }

  private Sample sample(BenchCase load, Chain chain, Load generator, double rate)
      throws FleetFault, IOException, InterruptedException {
    double before = ProcessCost.cpuSeconds(chain.pids());
    double watchBefore = ProcessCost.cpuSeconds(chain.pids(), Chain.WATCHDOG);
    double canaryBefore = ProcessCost.cpuSeconds(chain.pids(), Chain.CANARY);
    Load.Seen seen = generator.run(load, chain.address(), seconds, rate);
    double cpuSeconds = ProcessCost.cpuSeconds(chain.pids()) - before;
    double watchSeconds = ProcessCost.cpuSeconds(chain.pids(), Chain.WATCHDOG) - watchBefore;
    double canarySeconds = ProcessCost.cpuSeconds(chain.pids(), Chain.CANARY) - canaryBefore;
    long requests = Math.max(1, seen.done());
    return new Sample(
        cpuSeconds * 1e6 / requests,
        watchSeconds * 1e6 / requests,
        canarySeconds * 1e6 / requests,
        seen.done() / seen.seconds(),
        seen.p50(),
        seen.p99(),
        seen.p999(),
        seen.failed(),
        ProcessCost.residentMegabytes(chain.pids()));
  }
}
