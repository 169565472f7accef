package anycast.backhaul.watchdog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the dumps of a dead process say of where its threads stood.
///
/// Of the newest dump that this process wrote: the thread's stack, or, where the JVM could not be
/// asked any more, the sample that was taken before.
///
/// **Threading.** One, at the start. **Limits.** [#MAX_LINES]. **Faults.** A directory or a dump
/// that cannot be read is one that says nothing.
final class DumpedStacks implements Ending.Stacks {
  /// More than the deepest stack that a dump has, with the thread's line.
  private static final int MAX_LINES = 100;

  private static final Logger LOG = LoggerFactory.getLogger(DumpedStacks.class);

  private final Path directory;

  DumpedStacks(Path directory) {
    this.directory = directory;
  }

  @Override
  public String of(FlightFile.Head head, String thread) {
    try {
      Path dump = newest(head);
      return dump == null ? "" : stack(dump, thread);
    } catch (IOException | RuntimeException e) {
      LOG.warn("the dumps in {} cannot be read: {}", directory, e.toString());
      return "";
    }
  }

  /// Numbers of processes come again, those of containers at each start: a dump that is older than
  /// the process is not its.
  private Path newest(FlightFile.Head head) throws IOException {
    List<Path> found = new ArrayList<>();
    String glob = Dumps.PREFIX + "*-" + head.pid() + ".txt";
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, glob)) {
      for (Path each : all) {
        if (Files.getLastModifiedTime(each).toMillis() >= head.startedMillis()) {
          found.add(each);
        }
      }
    }
    // Names begin with the time.
    return found.stream().max(Path::compareTo).orElse(null);
  }

  private static String stack(Path dump, String thread) throws IOException {
    // Flight files cut names.
    String quote = thread.length() < FlightLayout.THREAD_BYTES ? "\"" : "";
    String stack = part(dump, "== stacks", "\"" + thread + quote);
    return stack.isEmpty() ? part(dump, "== watched threads", thread) : stack;
  }

  /// Below the title, the line that begins like this with all that are indented below it.
  private static String part(Path dump, String title, String head) throws IOException {
    try (Stream<String> lines = Files.lines(dump, StandardCharsets.UTF_8)) {
      List<String> found =
          lines
              .dropWhile(line -> !line.equals(title))
              .skip(1)
              .takeWhile(line -> !line.startsWith("== "))
              .dropWhile(line -> !line.startsWith(head))
              .limit(MAX_LINES)
              .toList();
      if (found.isEmpty()) {
        return "";
      }
      return Stream.concat(
              found.stream().limit(1),
              found.stream().skip(1).takeWhile(line -> line.startsWith("  ")))
          .collect(Collectors.joining("\n"));
    }
  }
}
