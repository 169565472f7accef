package anycast.ctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl switch`: blue and green change places.
@Command(
    name = "switch",
    description = {
      "Blue-green: takes --to into routing and --from out of it, in one transaction without a gap.",
      "Refuses where one of --to is not started or does not pass its checks. What is in flight at",
      "--from ends there; the same command with both exchanged switches back."
    })
final class SwitchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private Main main;

  @Mixin private StateOption state;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "SELECTOR|IDS",
      description = "Goes out: 'app=shop,color=blue', or shop-1,shop-2.")
  private String from;

  @Option(names = "--to", required = true, paramLabel = "SELECTOR|IDS", description = "Comes in.")
  private String to;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "switched",
      description = "Of the cordons of --from. Default: ${DEFAULT-VALUE}.")
  private String reason = "";

  @Option(names = "--force", description = "Also where --to is not fit to serve.")
  private boolean force;

  @Option(names = "--dry-run", description = "Says what would be done and writes nothing.")
  private boolean dryRun;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger ledger = state.open()) {
      Roll roll = Roll.read(ledger);
      Set<Enrolled> green = roll.chosen(to);
      Set<Enrolled> blue = roll.chosen(from);
      check(green, blue);
      Cordons cordons = new Cordons().in(green).out(blue, reason);
      if (!dryRun) {
        cordons.write(ledger);
      }
      cordons.show(main, !dryRun, out);
      if (dryRun && !main.isJson()) {
        out.println("dry run: nothing was written");
      }
      return 0;
    }
  }

  private void check(Set<Enrolled> green, Set<Enrolled> blue) throws CtlFault {
    String both = green.stream().filter(blue::contains).map(SwitchCommand::name).collect(list());
    if (!both.isEmpty()) {
      throw new CtlFault(both + " is in --from and in --to; nothing was changed");
    }
    List<Enrolled> unfit = green.stream().filter(one -> !one.isFit()).toList();
    if (!unfit.isEmpty() && !force) {
      throw new CtlFault(
          unfit.stream().map(one -> name(one) + " " + one.trouble()).collect(list())
              + "; nothing was changed, --from goes on serving. --force switches all the same");
    }
  }

  private static String name(Enrolled one) {
    return one.instance().id().value();
  }

  private static java.util.stream.Collector<CharSequence, ?, String> list() {
    return Collectors.joining(", ");
  }
}
