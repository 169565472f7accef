package anycast.drill;

import anycast.demo.FleetFault;
import anycast.routing.model.rule.Poison;
import anycast.routing.time.Ticker;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `deploy/drill`. Exit codes: 0 all went well, 1 it did not, 2 wrong usage.
@Command(
    name = "drill",
    subcommands = {
      Drill.ReseedCommand.class,
      Drill.HealthyCommand.class,
      Drill.PoisonCommand.class,
      Drill.StallCommand.class,
      Drill.CrashLoopCommand.class,
      Drill.KillCommand.class,
      Drill.GcCommand.class,
      Drill.SystemdCommand.class
    },
    synopsisSubcommandLabel = "DRILL")
public final class Drill {
  private Drill() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Drill()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  /// `deploy/drill reseed`.
  @Command(name = "reseed")
  static final class ReseedCommand implements Callable<Integer> {
    @Mixin private Course course;

    @Override
    public Integer call() throws InterruptedException {
      return reseed(course.fleet(), course.hold(), course.rate, System.out);
    }
  }

  /// `deploy/drill healthy`.
  @Command(name = "healthy")
  static final class HealthyCommand implements Callable<Integer> {
    @Mixin private Course course;

    @Override
    public Integer call() throws InterruptedException {
      return healthy(course.fleet(), course.hold(), course.rate, System.out);
    }
  }

  /// `deploy/drill poison`.
  @Command(name = "poison")
  static final class PoisonCommand implements Callable<Integer> {
    @Mixin private Course course;

    @Option(names = "--only", split = ",")
    private List<Poison.Kind> kinds = List.of(Poison.Kind.values());

    @Option(names = "--at", split = ",")
    private List<Poison.At> places = List.of(Poison.At.REQUEST, Poison.At.COMPILE);

    @Option(names = "--way", split = ",")
    private List<PoisonCase.Way> ways = List.of(PoisonCase.Way.values());

    @Option(names = "--everywhere")
    private boolean everywhere;

    @Override
    public Integer call() throws InterruptedException {
      return poison(course.fleet(), cases(), course.rate, System.out);
    }

    private List<PoisonCase> cases() {
      List<PoisonCase> cases = new ArrayList<>();
      for (PoisonCase.Way way : ways) {
        for (Poison.At at : places) {
          for (Poison.Kind kind : kinds) {
            // It ends every proxy, one after the other: only where nothing else is asked for.
            boolean endsAll = kind == Poison.Kind.SPIN && at != Poison.At.REQUEST;
            if (!endsAll || kinds.size() == 1) {
              cases.add(new PoisonCase(new Poison(kind, at), way, everywhere));
            }
          }
        }
      }
      return cases;
    }
  }

  /// `deploy/drill stall`.
  @Command(name = "stall")
  static final class StallCommand implements Callable<Integer> {
    @Mixin private Course course;

    @Override
    public Integer call() throws InterruptedException {
      Path fleet = course.fleet();
      return drill(fleet, System.out, o -> StallDrill.run(o, fleet, course.rate, System.out));
    }
  }

  /// `deploy/drill crash-loop`.
  @Command(name = "crash-loop")
  static final class CrashLoopCommand implements Callable<Integer> {
    @Mixin private Course course;

    @Override
    public Integer call() throws InterruptedException {
      return drill(course.fleet(), System.out, o -> CrashLoopDrill.run(o, course.rate, System.out));
    }
  }

  /// `deploy/drill kill`.
  @Command(name = "kill")
  static final class KillCommand implements Callable<Integer> {
    @Mixin private Course course;

    @Option(names = "--times", defaultValue = "5")
    private int times;

    @Override
    public Integer call() throws InterruptedException {
      return drill(
          course.fleet(), System.out, o -> KillDrill.run(o, times, course.rate, System.out));
    }
  }

  /// `deploy/drill gc`.
  @Command(name = "gc")
  static final class GcCommand implements Callable<Integer> {
    @Mixin private Course course;

    @Option(names = "--minutes", defaultValue = "1")
    private int minutes;

    @Override
    public Integer call() throws InterruptedException {
      Duration flood = Duration.ofMinutes(minutes);
      return drill(course.fleet(), System.out, o -> GcDrill.run(o, flood, course.rate, System.out));
    }
  }

  /// `deploy/drill systemd`, on a machine made for it.
  @Command(name = "systemd")
  static final class SystemdCommand implements Callable<Integer> {
    @Option(names = "--dir", required = true)
    private Path dir;

    @Option(names = "--rate", defaultValue = "4")
    private int rate;

    @Option(names = "--busy")
    private boolean busy;

    @Override
    public Integer call() throws InterruptedException {
      try {
        return SystemdDrill.run(dir, new SystemdDrill.Course(rate, busy), System.out) ? 0 : 1;
      } catch (FleetFault e) {
        System.out.println("drill: " + e.getMessage());
        return 1;
      }
    }
  }

  /// What every drill wants to know.
  static final class Course {
    @Option(names = "--fleet", required = true)
    private Path fleet;

    @Option(names = "--seconds", defaultValue = "5")
    private int seconds;

    @Option(names = "--rate", defaultValue = "4")
    private int rate;

    Path fleet() {
      return fleet.toAbsolutePath();
    }

    Duration hold() {
      return Duration.ofSeconds(seconds);
    }
  }

  /// A drill, ready to run with an operator.
  private interface Run {
    boolean run(Operator operator) throws FleetFault, InterruptedException;
  }

  /// @return the exit code
  static int healthy(Path fleet, Duration hold, int rate, PrintStream out)
      throws InterruptedException {
    return drill(fleet, out, operator -> new Healthy(operator, hold, rate, out).run());
  }

  /// @return the exit code
  static int reseed(Path fleet, Duration hold, int rate, PrintStream out)
      throws InterruptedException {
    return drill(fleet, out, operator -> new Reseed(operator, fleet, hold, rate, out).run());
  }

  /// @return the exit code
  static int poison(Path fleet, List<PoisonCase> cases, int rate, PrintStream out)
      throws InterruptedException {
    return drill(fleet, out, operator -> PoisonDrill.run(operator, fleet, cases, rate, out));
  }

  private static int drill(Path fleet, PrintStream out, Run drill) throws InterruptedException {
    try (Operator operator = new Operator(fleet, out, Ticker.system())) {
      return drill.run(operator) ? 0 : 1;
    } catch (FleetFault e) {
      out.println("drill: " + e.getMessage());
      return 1;
    }
  }
}
