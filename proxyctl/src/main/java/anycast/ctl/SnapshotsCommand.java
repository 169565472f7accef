package anycast.ctl;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `proxyctl snapshots`.
@Command(
    name = "snapshots",
    description = "Versions of the routing table that are kept, for diff and explain --at.")
final class SnapshotsCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    Columns columns =
        new Columns()
            .number("VERSION", "version")
            .made("TIME", row -> ShownRow.time(row.path("at_ms")))
            .age("AGE", "age_ms")
            .number("CHANGED", "changed")
            .made("APPS", row -> row.path("rows").path("apps").asText())
            .made("HOSTNAMES", row -> row.path("rows").path("hostnames").asText())
            .made("INSTANCES", row -> row.path("rows").path("instances").asText())
            .made("NODES", row -> row.path("rows").path("nodes").asText())
            .made("CERTIFICATES", row -> row.path("rows").path("certificates").asText());
    return main.ask(
        "/snapshots",
        Map.of(),
        (answer, out) -> {
          columns.print(out, "", "snapshots", answer.path("snapshots"));
          out.println("in force: version " + answer.path("current_version").asText());
        });
  }
}
