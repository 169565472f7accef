package anycast.demo;

import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Starts the demo fleet and keeps it until it is told to stop; `deploy/demo` runs it.
@Command(name = "demo")
public final class Demo implements Callable<Integer> {
  /// Twelve JVMs on two cores, with others at work beside them.
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

  @Option(names = "--dir")
  private Path dir;

  @Option(names = "--ports", defaultValue = "0")
  private int basePort;

  @Option(names = "--jvm", defaultValue = "")
  private String jvmFlags;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Demo()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path place =
        dir == null
            ? Files.createTempDirectory("anycast-demo-")
            : Files.createDirectories(dir.toAbsolutePath());
    Files.writeString(place.resolve("demo.pid"), ProcessHandle.current().pid() + "\n");
    List<String> flags = jvmFlags.isBlank() ? List.of() : List.of(jvmFlags.strip().split(" +"));
    FleetSettings settings = new FleetSettings(place, basePort, flags, READY_TIMEOUT);
    try {
      Fleet fleet = Fleet.start(settings, Ticker.system(), InstantSource.system());
      print(fleet);
      // Last: whoever waits for this file finds everything else in place.
      FleetFile.write(fleet);
    } catch (FleetFault e) {
      System.err.println("demo: " + e.getMessage());
      return 1;
    }
    new CountDownLatch(1).await(); // until a signal; the fleet's shutdown hook stops it
    return 0;
  }

  private static void print(Fleet fleet) {
    PrintWriter out = new PrintWriter(System.out, true);
    out.printf("The fleet runs; everything it writes is in %s%n%n", fleet.dir());
    out.printf("%-11s %-7s %-9s %s%n", "PROCESS", "PID", "HEALTH", "ADDRESSES");
    out.println(line(fleet, "state", fleet.stateUrl()));
    for (FleetPlan.Proxy edge : FleetPlan.EDGES) {
      String https = "https " + fleet.address(edge.name(), "https");
      out.println(line(fleet, edge.name(), https + "  http " + fleet.address(edge.name(), "http")));
    }
    for (FleetPlan.Proxy worker : FleetPlan.WORKERS) {
      out.println(
          line(fleet, worker.name(), "backhaul " + fleet.address(worker.name(), "backhaul")));
    }
    for (FleetPlan.Instance instance : FleetPlan.INSTANCES) {
      String of = "  app %s on %s".formatted(instance.app(), instance.node());
      out.println(line(fleet, instance.id(), fleet.address(instance.id(), "app") + of));
    }
    out.printf("%nTry:%n");
    FleetFile.curl(fleet).forEach(command -> out.println("  " + command));
    out.printf("%nAsk a proxy (its address is its admin socket):%n");
    Path edge = fleet.dir().resolve("edge-fra-1.sock");
    for (String question :
        List.of("status", "routes", "explain https://hello.demo.test/", "links")) {
      out.printf("  deploy/proxyctl --socket %s %s%n", edge, question);
    }
    out.printf("%nCtrl-C, or deploy/demo --stop %s when detached, ends it.%n", fleet.dir());
  }

  private static String line(Fleet fleet, String name, String addresses) {
    ChildProcess child = fleet.child(name);
    Path socket = fleet.dir().resolve(name + ".sock");
    String health = child.alive() ? "serving" : "ended";
    if (child.alive() && Files.exists(socket)) {
      health = Health.of(socket);
    }
    return "%-11s %-7d %-9s %s".formatted(name, child.pid(), health, addresses);
  }
}
