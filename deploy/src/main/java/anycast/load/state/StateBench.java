package anycast.load.state;

import anycast.demo.ChildProcess;
import anycast.demo.FleetFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures state at the size that the product promises; `deploy/bench state` runs it.
///
/// Each part is a JVM of its own with the heap that is promised; the store is a process too.
@Command(
    name = "bench state",
    mixinStandardHelpOptions = true,
    description = "loading, starting from disk, following and telling, at a million instances")
public final class StateBench implements Callable<Integer> {
  private static final List<String> PARTS =
      List.of("snapshot", "restart", "changes", "admitted", "visible", "subscribers");

  /// Changes a second of a store with many readers.
  private static final int SUBSCRIBED_CHANGES = 100;

  private static final int VISIBLE_CHANGES = 1_000;

  /// What admission may cost plain changes.
  private static final double LESS_PERCENT = 20;

  private static final double SHORT_SHARE = 0.02;
  private static final double MIB = 1 << 20;

  @Option(names = "--rows", defaultValue = "1000000", description = "instances")
  private int rows;

  @Option(
      names = "--only",
      split = ",",
      description = "snapshot,restart,changes,admitted,visible,subscribers")
  private List<String> only = PARTS;

  @Option(names = "--seconds", defaultValue = "10", description = "length of a measured round")
  private int seconds;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "rounds of `changes` and `admitted`, repeats of `restart`")
  private int rounds;

  @Option(
      names = "--rate",
      defaultValue = "20000",
      description = "row changes a second in `changes`")
  private int rate;

  @Option(names = "--subscribers", defaultValue = "1000", description = "readers of one store")
  private int subscribers;

  @Option(
      names = "--jvm",
      defaultValue = "-Xmx1g -XX:+UseCompactObjectHeaders",
      description = "flags of the measured JVMs")
  private String jvmFlags;

  @Option(names = "--dir", description = "for databases and logs; kept, and not filled again")
  private Path dir;

  private final PrintWriter out = new PrintWriter(System.out, true);
  private final Verdicts verdicts = new Verdicts();
  private Path place;
  private Processes processes;

  public static void main(String[] args) {
    System.exit(new CommandLine(new StateBench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> unknown = only.stream().filter(part -> !PARTS.contains(part)).toList();
    if (!unknown.isEmpty() || rows < 1_000) {
      System.err.println("bench: at least 1000 rows, and parts of " + PARTS + "; got " + unknown);
      return 2;
    }
    place =
        dir == null
            ? Files.createTempDirectory("anycast-bench-state-")
            : Files.createDirectories(dir.toAbsolutePath());
    processes = new Processes(place, List.of(jvmFlags.strip().split(" +")));
    Runtime.getRuntime().addShutdownHook(new Thread(processes::close, "bench-stop"));
    out.printf(
        Locale.ROOT,
        "%s, %s, %d cores, Java %s, %s, %,d instances, files in %s%n%n",
        Instant.now().truncatedTo(ChronoUnit.MINUTES),
        Verdicts.cpu(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.version"),
        jvmFlags,
        rows,
        place);
    try {
      measure();
    } catch (FleetFault e) {
      System.err.println("bench: " + e.getMessage());
      return 1;
    }
    verdicts.print(out);
    return verdicts.allKept() ? 0 : 1;
  }

  private void measure() throws FleetFault, IOException, InterruptedException {
    if (only.contains("snapshot") || only.contains("visible")) {
      ChildProcess store = processes.startStore("state");
      URI url = processes.url(store);
      double seconds = processes.fill(url, new StateWorld(rows));
      out.printf(Locale.ROOT, "the store was filled in %.0f s%n%n", seconds);
      if (only.contains("snapshot")) {
        snapshot(url);
      }
      if (only.contains("visible")) {
        visible(url);
      }
      processes.end(store);
    }
    if (only.contains("restart")) {
      restart();
    }
    if (only.contains("changes")) {
      changes();
    }
    if (only.contains("admitted")) {
      admitted();
    }
    if (only.contains("subscribers")) {
      subscribers();
    }
  }

  private void snapshot(URI url) throws FleetFault, IOException {
    Path lastGood = place.resolve("last-good");
    Processes.clear(lastGood);
    var told = processes.run("snapshot", ServingPart.class, url, rows, lastGood);
    int all = new StateWorld(rows).rows();
    String start = "start of the process to serving, %,d rows".formatted(all);
    verdicts.judge("snapshot", start, told.get("serving_s"), "s", 20);
    verdicts.judge("snapshot", "heap at its peak", told.get("peak_heap_mib"), "MiB", 1024);
    verdicts.note("snapshot", "heap that lives", told.get("live_heap_mib"), "MiB");
    verdicts.note("snapshot", "resident at its peak", told.get("peak_resident_mib"), "MiB");
    verdicts.note("snapshot", "processor time", told.get("cpu_s"), "s");
    verdicts.judge("snapshot", "hosts without an answer", told.get("unanswered"), "", 0);
    verdicts.judge("snapshot", "instances missing", rows - told.get("instances"), "", 0);
    double saving = told.get("closed_s") - told.get("closing_s");
    verdicts.note("snapshot", "end with saving to disk", saving, "s");
    verdicts.note("snapshot", "on disk", Processes.largestBytes(lastGood) / MIB, "MiB");
  }

  private void restart() throws FleetFault, IOException {
    Path lastGood = place.resolve("last-good");
    if (Processes.largestBytes(lastGood) == 0) {
      // What `snapshot` would have saved.
      processes.run("save", SavePart.class, rows, lastGood);
    }
    List<Map<String, Double>> runs = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      // Nobody listens there.
      String url = "http://127.0.0.1:1";
      runs.add(processes.run("restart", ServingPart.class, url, rows, lastGood));
    }
    String start = "start of the process to serving, worst of " + rounds;
    verdicts.judge("restart", start, worst(runs, "serving_s"), "s", 5);
    verdicts.note("restart", "of that before the first line of ours", worst(runs, "jvm_s"), "s");
    verdicts.judge("restart", "heap at its peak", worst(runs, "peak_heap_mib"), "MiB", 1024);
    verdicts.note("restart", "heap that lives", worst(runs, "live_heap_mib"), "MiB");
    verdicts.note("restart", "resident at its peak", worst(runs, "peak_resident_mib"), "MiB");
    verdicts.note("restart", "processor time", worst(runs, "cpu_s"), "s");
    verdicts.judge("restart", "hosts without an answer", worst(runs, "unanswered"), "", 0);
  }

  private static double worst(List<Map<String, Double>> runs, String key) {
    return runs.stream().mapToDouble(run -> run.get(key)).max().orElse(Double.NaN);
  }

  private void changes() throws FleetFault, IOException {
    var told = processes.run("changes", ChangesPart.class, rows, rate, seconds, rounds);
    for (String p : List.of("p50.0", "p99.0", "p99.9", "p99.99")) {
      double quiet = told.get("quiet_" + p);
      double busy = told.get("busy_" + p);
      verdicts.note("changes", "lookup, quiet, " + p, quiet, "ns");
      String with = "lookup at %,d changes/s, %s".formatted(rate, p);
      if (p.equals("p99.9")) {
        verdicts.judge("changes", with, busy, "ns", quiet * 1.2);
      } else {
        verdicts.note("changes", with, busy, "ns");
      }
    }
    double less = Math.max(0, rate - told.get("applied_per_s"));
    verdicts.judge("changes", "changes a second too few", less, "", rate * SHORT_SHARE);
    verdicts.judge("changes", "until the last one is seen", told.get("behind_s"), "s", 1);
  }

  private void admitted() throws FleetFault, IOException {
    // Two tables in one heap: a tenth of the rows.
    var told = processes.run("admitted", AdmittedPart.class, rows / 10, seconds, rounds);
    for (int batch : AdmittedPart.BATCHES) {
      double without = told.get("direct_per_s_" + batch);
      double with = told.get("admitted_per_s_" + batch);
      String batches = "rows a second in batches of " + batch;
      verdicts.note("admitted", batches + ", all put in force", without, "");
      verdicts.note("admitted", batches + ", admitted", with, "");
      double less = Math.max(0, 100 * (1 - with / without));
      verdicts.judge("admitted", "fewer of them with admission", less, "%", LESS_PERCENT);
    }
  }

  private void visible(URI url) throws FleetFault, IOException {
    var told = processes.run("visible", VisiblePart.class, url, VISIBLE_CHANGES);
    String beyond = "change to visible beyond the source's batching, ";
    verdicts.note("visible", beyond + "p50", told.get("beyond_ms_p50.0"), "ms");
    verdicts.judge("visible", beyond + "p99", told.get("beyond_ms_p99.0"), "ms", 50);
    verdicts.note("visible", "commit to visible, p50", told.get("commit_ms_p50.0"), "ms");
    verdicts.note("visible", "commit to visible, p99", told.get("commit_ms_p99.0"), "ms");
  }

  private void subscribers() throws FleetFault, IOException {
    ChildProcess store = processes.startStore("subscribed");
    var told =
        processes.run(
            "subscribers",
            SubscribersPart.class,
            processes.url(store),
            store.pid(),
            subscribers,
            SUBSCRIBED_CHANGES,
            seconds * 2);
    processes.end(store);
    String cut = "of %,d subscribers cut".formatted(subscribers);
    verdicts.judge("subscribers", cut, told.get("cut"), "", 0);
    verdicts.judge("subscribers", "lines missed", told.get("missed"), "", 0);
    double less = Math.max(0, SUBSCRIBED_CHANGES - told.get("changes_per_s"));
    double most = SUBSCRIBED_CHANGES * SHORT_SHARE;
    verdicts.judge("subscribers", "changes a second too few", less, "", most);
    verdicts.judge("subscribers", "cores that the store used", told.get("store_cores"), "", 2);
    verdicts.note("subscribers", "cores that the readers used", told.get("readers_cores"), "");
    for (String p : List.of("p50", "p99", "max")) {
      verdicts.note("subscribers", "sent to received, " + p, told.get("latency_ms_" + p), "ms");
    }
  }
}
