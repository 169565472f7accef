package anycast.ctl;

import anycast.backhaul.watchdog.Flight;
import anycast.backhaul.watchdog.FlightFile;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl flight`: asks no process, so that it answers also when that one is stuck or dead.
@Command(
    name = "flight",
    description = {
      "What each thread of a process works on, from its flight file: of a process that lives,",
      "that is stuck, or that is dead. The file is `flight` in the directory that the block",
      "`watchdog` names, and `flight.1` is that of the process before."
    })
final class FlightCommand implements Callable<Integer> {
  /// Forty looks of a watchdog.
  private static final Duration WATCHED = Duration.ofSeconds(2);

  @Spec private CommandSpec spec;

  @ParentCommand private Main main;

  @Parameters(paramLabel = "FILE", description = "The flight file, or its directory.")
  private Path file;

  @Override
  public Integer call() throws CtlFault {
    PrintWriter out = spec.commandLine().getOut();
    Path place = Files.isDirectory(file) ? file.resolve(Flight.FILE) : file;
    FlightFile flight =
        switch (FlightFile.read(place)) {
          case FlightFile.Read.Flight(FlightFile read) -> read;
          case FlightFile.Read.Absent() ->
              throw new CtlFault(
                  "there is no file "
                      + place
                      + ": a process has one where its file has watchdog.directory, and it is"
                      + " there");
          case FlightFile.Read.Unfit(String reason) -> throw new CtlFault(place + " " + reason);
        };
    ObjectNode answer = head(flight.head());
    ArrayNode slots = answer.putArray("slots");
    flight.slots().forEach(slot -> tell(slot, flight.head(), slots.addObject()));
    if (main.isJson()) {
      out.println(Main.line(answer));
    } else {
      show(answer, out);
    }
    return 0;
  }

  private static ObjectNode head(FlightFile.Head head) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("name", head.name());
    answer.put("pid", head.pid());
    answer.put("boot_id", head.boot());
    answer.put("state", state(head));
    answer.put("started_ms", head.startedMillis());
    long ran = TimeUnit.NANOSECONDS.toMillis(head.tickNanos() - head.startedNanos());
    answer.put("looked_ms", head.startedMillis() + ran);
    answer.put("stopping_ms", head.stoppingMillis());
    answer.put("ended_ms", head.endedMillis());
    return answer;
  }

  private static String state(FlightFile.Head head) {
    if (head.endedMillis() != 0) {
      return "ended in order";
    }
    boolean stops = head.stoppingMillis() != 0;
    if (lives(head)) {
      return stops ? "stops" : "lives";
    }
    return stops ? "ended while it stopped" : "ended without a word";
  }

  /// Whether a process of that number is old enough to be the one: numbers are used again.
  private static boolean lives(FlightFile.Head head) {
    return ProcessHandle.of(head.pid())
        .filter(process -> isWatched(head) || isOlder(process, head))
        .isPresent();
  }

  private static boolean isOlder(ProcessHandle process, FlightFile.Head head) {
    return process
        .info()
        .startInstant()
        .filter(start -> start.toEpochMilli() <= head.startedMillis())
        .isPresent();
  }

  /// Whether its watchdog looks. Where the wall clock was set, the kernel tells another start of a
  /// process than it had; this clock is never set.
  private static boolean isWatched(FlightFile.Head head) {
    long ageNanos = Ticker.system().nanos() - head.tickNanos();
    return ageNanos >= 0 && ageNanos < WATCHED.toNanos();
  }

  private static void tell(FlightFile.Slot slot, FlightFile.Head head, ObjectNode row) {
    row.put("thread", slot.thread());
    row.put("stage", slot.stage().name().toLowerCase(Locale.ROOT));
    row.put("stuck", slot.stuck());
    row.put("key", slot.key());
    row.put("rule", slot.rule());
    row.put("entry", slot.entry().isNone() ? "" : slot.entry().toString());
    row.put("snapshot", slot.snapshot());
    row.put("exchange", slot.exchange());
    // Nobody has worked there yet, or the watchdog has not looked since.
    long nanos = slot.sinceNanos() == 0 ? -1 : head.tickNanos() - slot.sinceNanos();
    if (nanos >= 0) {
      row.put("age_ms", TimeUnit.NANOSECONDS.toMillis(nanos));
    }
  }

  private static void show(ObjectNode answer, PrintWriter out) {
    out.println(
        Printable.of(answer.path("name").asText())
            + ", process "
            + answer.path("pid").asLong()
            + ", "
            + answer.path("state").asText());
    line(answer, "started_ms", "started", out);
    line(answer, "looked_ms", "watchdog looked last", out);
    line(answer, "stopping_ms", "told to stop", out);
    line(answer, "ended_ms", "ended", out);
    new Columns()
        .text("THREAD", "thread")
        .text("STAGE", "stage")
        .text("STUCK", "stuck")
        .age("AGE", "age_ms")
        .text("KEY", "key")
        .text("RULE", "rule")
        .text("ENTRY", "entry")
        .number("SNAPSHOT", "snapshot")
        .text("EXCHANGE", "exchange")
        .print(out, "", "threads", answer.path("slots"));
    out.println(
        "AGE counts to the watchdog's last look; a thread that is idle shows its last work");
  }

  private static void line(ObjectNode answer, String key, String what, PrintWriter out) {
    long millis = answer.path(key).asLong();
    if (millis != 0) {
      Instant at = Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.MILLIS);
      out.println("  " + what + " " + at);
    }
  }
}
