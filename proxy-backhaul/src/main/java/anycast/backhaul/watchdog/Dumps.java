package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.LogText;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what is to be known of a stall into a file, while it lasts.
///
/// In the order of what it costs to know: what the watchdog has seen, what each loop works on, last
/// log lines, memory, what the kernel says of each thread; then the stacks of all threads, where no
/// stuck one would stop the JVM for good. Each part is on disk before the next one begins.
///
/// **Threading.** One thread at a time, that may block. **Limits.** [#MAX_FILES] files of
/// [#MAX_CHARS]. **Faults.** A disk that does not take it costs the dump, and is logged.
final class Dumps {
  /// A day of stalls every three hours.
  static final int MAX_FILES = 8;

  /// Stacks of 300 threads with 64 frames have 1.5 million.
  static final int MAX_CHARS = 4 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Dumps.class);
  static final String PREFIX = "dump-";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Path directory;
  private final String process;
  private final Flight flight;
  private final LastLines lines;
  private final InstantSource clock;

  /// @param process its name in the first line
  Dumps(Path directory, String process, Flight flight, LastLines lines, InstantSource clock) {
    this.directory = directory;
    this.process = process;
    this.flight = flight;
    this.lines = lines;
    this.clock = clock;
  }

  /// Writes one.
  void write(Watched[] threads, long nowNanos) {
    long pid = ProcessHandle.current().pid();
    Path file = directory.resolve(PREFIX + NAME.format(clock.instant()) + "-" + pid + ".txt");
    try {
      Files.createDirectories(directory);
      makeRoom();
      try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
        Bounded bounded = new Bounded(out);
        bounded.part("process " + process + ", pid " + pid + ", " + clock.instant(), List.of());
        bounded.part("watched threads", watched(threads, nowNanos));
        bounded.part("what they work on", works(nowNanos));
        bounded.part("last log lines", lines.lines());
        bounded.part("memory", Kernel.memory());
        bounded.part("tasks of the kernel", Kernel.tasks());
        writeStacks(bounded, threads);
      }
      LOG.warn("a dump of the stall is in {}", file);
    } catch (IOException e) {
      LOG.warn("no dump of the stall could be written: {}", e.toString());
    }
  }

  private static void writeStacks(Bounded out, Watched[] threads) throws IOException {
    for (Watched each : threads) {
      if (each.asked) {
        String sentence =
            each.name
                + " does not answer where it stands, and asking all would stop all: no stacks";
        out.part("stacks", List.of(sentence));
        return;
      }
    }
    out.part("deadlocks", Stacks.deadlocks());
    out.part("stacks", Stacks.all());
  }

  private static List<String> watched(Watched[] threads, long nowNanos) {
    List<String> lines = new ArrayList<>();
    for (Watched each : threads) {
      lines.add(
          "%s: %s, no beat for %d ms, own %d ms, starved %d ms, beats %d, stalls %d"
              .formatted(
                  each.name,
                  each.state(),
                  millis(each.ageNanos()),
                  millis(each.blameNanos()),
                  millis(each.starvedNanos()),
                  each.progress.count(),
                  each.stalls()));
      Watched.Sample sample = each.sample;
      if (sample != null) {
        lines.add("  %d ms ago it was at".formatted(millis(nowNanos - sample.atNanos())));
        sample.frames().forEach(frame -> lines.add("    " + frame));
      }
    }
    return lines;
  }

  private List<String> works(long nowNanos) {
    List<String> lines = new ArrayList<>();
    for (FlightSlot each : flight.slots()) {
      FlightFile.Slot slot = each.read();
      lines.add(
          "%s: %s, entry %s, host %s, rule %s, exchange %s, snapshot %d, since %d ms%s"
              .formatted(
                  slot.thread(),
                  slot.stage(),
                  slot.entry(),
                  LogText.escape(slot.key()),
                  LogText.escape(slot.rule()),
                  LogText.escape(slot.exchange()),
                  slot.snapshot(),
                  millis(nowNanos - slot.sinceNanos()),
                  slot.stuck() ? ", stuck" : ""));
    }
    return lines;
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /// Removes the oldest so that one more has room; their names begin with their time.
  private void makeRoom() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, PREFIX + "*.txt")) {
      all.forEach(files::add);
    }
    files.sort(null);
    for (int i = 0; i <= files.size() - MAX_FILES; i++) {
      Files.deleteIfExists(files.get(i));
    }
  }

  /// A file that ends at its limit.
  private static final class Bounded {
    private final Writer out;
    private int left = MAX_CHARS;

    Bounded(Writer out) {
      this.out = out;
    }

    void part(String title, List<String> lines) throws IOException {
      line("== " + title);
      for (String line : lines) {
        line(line);
      }
      line("");
      out.flush();
    }

    private void line(String line) throws IOException {
      if (left > line.length()) {
        left -= line.length() + 1;
        out.write(line);
        out.write('\n');
      }
    }
  }
}
