package anycast.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `proxyctl`: the options that all commands share, and how a process is asked.
///
/// Exit codes: 0 all asked have answered; 1 one did not, or the command failed; 2 wrong usage.
@Command(
    name = "proxyctl",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Asks anycast edges and workers what they do, and makes their identities.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StatusCommand.class,
      RoutesCommand.class,
      ExplainCommand.class,
      ExplainLastCommand.class,
      InstancesCommand.class,
      NodesCommand.class,
      LinksCommand.class,
      MetricsCommand.class,
      WatchdogCommand.class,
      FlightCommand.class,
      StateCommand.class,
      ChangesCommand.class,
      SnapshotsCommand.class,
      DiffCommand.class,
      ResyncCommand.class,
      AcceptCommand.class,
      AuditCommand.class,
      VsCommand.class,
      CordonCommand.class,
      UncordonCommand.class,
      SwitchCommand.class,
      QuarantineCommand.class,
      CaCommand.class,
      SuperviseCommand.class,
      ServicesCommand.class
    })
public final class Main implements Runnable {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /// Descriptions stand in the source as they are shown, in lines of this length at most.
  private static final int HELP_COLUMNS = 100;

  @Spec private CommandSpec spec;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      scope = ScopeType.INHERIT,
      description = {
        "Admin socket of a process; may be given again.",
        "Else $PROXYCTL_SOCKET, else *.sock in $XDG_RUNTIME_DIR/anycast and /run/anycast."
      })
  private List<Path> sockets = new ArrayList<>();

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "The process's answer as it is, one line of JSON for each socket.")
  private boolean json;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      scope = ScopeType.INHERIT,
      defaultValue = "2s",
      description = "How long a process may take: 500ms, 2s, 1m. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofSeconds(2);

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.registerConverter(Duration.class, Main::duration);
    line.setUsageHelpWidth(HELP_COLUMNS);
    // it says something by itself, unlike the others that have commands
    for (String name : List.of("state", "services")) {
      CommandSpec command = line.getSubcommands().get(name).getCommandSpec();
      command.usageMessage().synopsisSubcommandLabel("[COMMAND]");
    }
    line.setExecutionExceptionHandler((fault, command, _) -> {
      command.getErr().println("proxyctl: " + Printable.of(sentence(fault)));
      return CommandLine.ExitCode.SOFTWARE;
    });
    return line;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
  }

  /// What the jar says of itself.
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"proxyctl " + (version == null ? "unpackaged" : version)};
    }
  }

  /// Shows one answer.
  @FunctionalInterface
  interface View {
    void show(JsonNode answer, PrintWriter out);
  }

  /// Asks each process for a page and shows what it says.
  ///
  /// @return the exit code: 1 where one did not answer; the others are shown all the same
  int ask(String page, Map<String, String> query, View view) throws CtlFault {
    return ask(peer -> peer.get(page, query), view);
  }

  /// Has each process do something and shows what it says.
  int tell(String page, Map<String, String> query, View view) throws CtlFault {
    return ask(peer -> peer.post(page, query), view);
  }

  /// A conversation with one process.
  @FunctionalInterface
  interface Question {
    JsonNode ask(Peer peer) throws CtlFault;
  }

  /// Asks each process and shows what it says.
  int ask(Question question, View view) throws CtlFault {
    return each(peer -> {
      JsonNode answer = question.ask(peer);
      return out -> {
        if (json) {
          out.println(line(answer));
        } else {
          view.show(answer, out);
        }
      };
    });
  }

  /// Whether machines read the output.
  boolean isJson() {
    return json;
  }

  /// Like [#ask] for a page that is text.
  int askText(String page) throws CtlFault {
    return each(peer -> {
      String body = peer.text("GET", page, Map.of());
      return out -> out.println(Printable.lines(body));
    });
  }

  private interface Asking {
    Shown ask(Peer peer) throws CtlFault;
  }

  private interface Shown {
    void on(PrintWriter out) throws CtlFault;
  }

  private int each(Asking asking) throws CtlFault {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<Path> asked = Sockets.find(sockets, System.getenv());
    int exit = CommandLine.ExitCode.OK;
    for (Path socket : asked) {
      try {
        Shown shown = asking.ask(new Peer(socket, timeout));
        if (asked.size() > 1 && !json) {
          out.println("== " + Printable.of(socket.toString()));
        }
        shown.on(out);
      } catch (CtlFault fault) {
        err.println("proxyctl: " + Printable.of(fault.getMessage()));
        exit = CommandLine.ExitCode.SOFTWARE;
      }
    }
    out.flush();
    return exit;
  }

  /// On one line, in ASCII.
  static String line(JsonNode answer) throws CtlFault {
    try {
      return JSON.writeValueAsString(answer);
    } catch (JsonProcessingException e) {
      throw new CtlFault("the answer cannot be shown: " + e.getOriginalMessage(), e);
    }
  }

  private static Duration duration(String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }

  private static String sentence(Exception fault) {
    return fault.getMessage() == null ? fault.toString() : fault.getMessage();
  }
}
