package anycast.ctl;

import picocli.CommandLine.Option;

/// How a change of virtual services is to be made.
final class ChangeOptions {
  @Option(
      names = {"--yes", "-y"},
      description = "Writes without asking, also where a review has warnings.")
  private boolean yes;

  @Option(names = "--dry-run", description = "Reviews and writes nothing.")
  private boolean dryRun;

  @Option(
      names = "--note",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Why, for proxyctl vs history.")
  private String note = "";

  boolean yes() {
    return yes;
  }

  boolean dryRun() {
    return dryRun;
  }

  String note() {
    return note;
  }
}
