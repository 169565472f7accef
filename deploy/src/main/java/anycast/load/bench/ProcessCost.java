package anycast.load.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What processes have used so far, from `/proc`; a process counts with its children (nginx has
/// workers).
final class ProcessCost {
  /// `sysconf(_SC_CLK_TCK)` is 100 on every Linux port that has a JDK; `/proc` counts in it
  /// (proc(5)).
  private static final double TICKS_PER_SECOND = 100;

  private ProcessCost() {}

  /// Seconds of processor time, user and system.
  static double cpuSeconds(List<Long> pids) throws IOException {
    double ticks = 0;
    for (long pid : withChildren(pids)) {
      String stat = read(pid, "stat");
      if (stat.isEmpty()) {
        continue;
      }
      // After the name, which may hold anything up to its last parenthesis: state is field 3.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // 14 utime, 15 stime
    }
    return ticks / TICKS_PER_SECOND;
  }

  /// Seconds of processor time that threads of these names have had, of those that live.
  ///
  /// @param names their beginnings; the kernel keeps 15 bytes of a name
  static double cpuSeconds(List<Long> pids, List<String> names) throws IOException {
    double nanos = 0;
    for (long pid : withChildren(pids)) {
      try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
        for (Path task : (Iterable<Path>) tasks::iterator) {
          String name = read(task.resolve("comm"));
          if (names.stream().anyMatch(name::startsWith)) {
            String[] spent = read(task.resolve("schedstat")).split(" ");
            nanos += spent[0].isEmpty() ? 0 : Long.parseLong(spent[0]);
          }
        }
      } catch (NoSuchFileException e) {
        // it has ended meanwhile
      }
    }
    return nanos / 1e9;
  }

  static double residentMegabytes(List<Long> pids) throws IOException {
    double kilobytes = 0;
    for (long pid : withChildren(pids)) {
      for (String line : read(pid, "status").split("\n")) {
        if (line.startsWith("VmRSS:")) {
          kilobytes += Double.parseDouble(line.replaceAll("[^0-9]", ""));
        }
      }
    }
    return kilobytes / 1024;
  }

  private static List<Long> withChildren(List<Long> pids) {
    return pids.stream()
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .map(ProcessHandle::pid)
        .toList();
  }

  private static String read(long pid, String file) throws IOException {
    return read(Path.of("/proc", Long.toString(pid), file));
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return ""; // it has ended meanwhile
    }
  }
}
