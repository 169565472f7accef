package anycast.routing.feed.sqlite;

import anycast.routing.time.Ticker;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// `backup`, `restore` and `check` on the command line; what they do is [StateFile]'s.
final class FileCommand {
  private FileCommand() {}

  /// @return the exit code
  static int run(String[] args, String usage) {
    String other =
        switch (args[0]) {
          case "backup" -> "--to";
          case "restore" -> "--from";
          case "check" -> "";
          default -> null;
        };
    List<String> problems = new ArrayList<>();
    if (other == null) {
      problems.add("unknown command " + args[0]);
    } else {
      List<String> known = other.isEmpty() ? List.of("--database") : List.of("--database", other);
      Map<String, String> given =
          StateFlags.given(Arrays.asList(args).subList(1, args.length), known, problems);
      known.stream()
          .filter(flag -> !given.containsKey(flag))
          .forEach(flag -> problems.add(flag + " is missing"));
      if (problems.isEmpty()) {
        return run(args[0], Path.of(given.get("--database")), given.getOrDefault(other, ""));
      }
    }
    problems.forEach(problem -> System.err.println("proxy-state: " + problem));
    System.err.println(usage);
    return 2;
  }

  private static int run(String command, Path database, String other) {
    Consumer<String> says = System.out::println;
    StateFile file = new StateFile(database, InstantSource.system(), Ticker.system());
    try {
      switch (command) {
        case "backup" -> says.accept(file.backup(Path.of(other)));
        case "restore" -> file.restore(Path.of(other)).forEach(says);
        case "check" -> {
          StateFile.Report report = file.check();
          report.notes().forEach(says);
          report.rows().forEach(row -> says.accept("UNFIT ROW " + row));
          report.problems().forEach(problem -> says.accept("PROBLEM " + problem));
          boolean well = report.rows().isEmpty() && report.problems().isEmpty();
          says.accept(database + (well ? ": nothing is wrong" : ": something is wrong"));
          return well ? 0 : 1;
        }
        default -> throw new IllegalArgumentException(command);
      }
      return 0;
    } catch (StoreException e) {
      System.err.println("proxy-state: " + e.getMessage());
      return 1;
    }
  }
}
