package anycast.ctl;

import anycast.backhaul.posix.Signal;
import anycast.backhaul.posix.SignalWatch;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.LogEnd;
import anycast.ctl.supervise.Supervisor;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `proxyctl supervise`.
@Command(
    name = "supervise",
    description = {
      "Keeps the services of a file running, on hosts without systemd.",
      "It holds their listening sockets, hears their READY and WATCHDOG, kills those that stall",
      "and restarts what ended. Ends on SIGTERM, after its services; on a second one at once.",
      "proxyctl services asks it."
    })
final class SuperviseCommand implements Callable<Integer> {
  private static final int WRONG_USE = 2;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "YAML: socket, and services.")
  private Path file;

  @Option(names = "--check", description = "Reads the file, says what is wrong, starts nothing.")
  private boolean check;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try {
      if (check) {
        int services = Supervisor.check(file);
        spec.commandLine().getOut().println(file + " is right: " + services + " services");
        return 0;
      }
      try (Supervisor supervisor = Supervisor.open(file, Ticker.system())) {
        // A terminal that closes wants the services stopped, not orphaned.
        for (Signal signal : List.of(Signal.TERM, Signal.INT, Signal.HUP)) {
          SignalWatch.on(signal, supervisor::terminate);
        }
        supervisor.run();
      }
      LogEnd.await();
      return 0;
    } catch (ConfigProblems problems) {
      spec.commandLine().getErr().println(Printable.lines(problems.getMessage()));
      return WRONG_USE;
    }
  }
}
