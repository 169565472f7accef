package anycast.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `proxyctl metrics`.
@Command(
    name = "metrics",
    description = "All counters in Prometheus's text format, with what each means.")
final class MetricsCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    return main.askText("/metrics");
  }
}
