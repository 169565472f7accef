package anycast.backhaul.watchdog;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// What can be known of this process without stopping it: proc(5), and the JVM's own counts.
///
/// **Threading.** Any that may wait. **Faults.** What cannot be read is left out.
final class Kernel {
  private static final Path TASKS = Path.of("/proc/self/task");

  /// More threads than a proxy has.
  private static final int MAX_TASKS = 1024;

  /// The kernel cuts a thread's name there (prctl(2), PR_SET_NAME).
  private static final int NAME_BYTES = 15;

  private Kernel() {}

  /// One line for each thread: number, name, where the kernel has it wait, system call, and its
  /// line of `stat`, which has state and CPU time.
  static List<String> tasks() {
    List<String> lines = new ArrayList<>();
    for (Path task : taskPaths()) {
      lines.add(
          task.getFileName()
              + " "
              + text(task.resolve("comm"))
              + ": waits in "
              + text(task.resolve("wchan"))
              + "; system call "
              + text(task.resolve("syscall"))
              + "; "
              + switches(task)
              + "; "
              + text(task.resolve("stat")));
    }
    return lines;
  }

  /// Times that it gave the CPU away, and that it was taken from it.
  private static String switches(Path task) {
    List<String> found = new ArrayList<>();
    for (String line : text(task.resolve("status")).split("\n")) {
      if (line.contains("ctxt_switches")) {
        found.add(line.replace("\t", " "));
      }
    }
    return String.join(", ", found);
  }

  /// Heap, direct memory, collections, and what the kernel counts for the process.
  static List<String> memory() {
    List<String> lines = new ArrayList<>();
    lines.add("heap " + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage());
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      lines.add("buffers " + pool.getName() + " " + pool.getMemoryUsed() + " bytes");
    }
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      lines.add(
          gc.getName()
              + " "
              + gc.getCollectionCount()
              + " times, "
              + gc.getCollectionTime()
              + " ms");
    }
    for (String line : text(Path.of("/proc/self/status")).split("\n")) {
      if (line.startsWith("Vm") || line.startsWith("Rss") || line.startsWith("Threads")) {
        lines.add(line.replace("\t", " "));
      }
    }
    lines.add("load " + text(Path.of("/proc/loadavg")));
    return lines;
  }

  /// The number of the newest thread of this name; empty where there is none. Names are cut, so the
  /// answer is a good guess and no more.
  static OptionalInt task(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    String cut = new String(bytes, 0, Math.min(bytes.length, NAME_BYTES), StandardCharsets.UTF_8);
    return taskPaths().stream()
        .filter(task -> text(task.resolve("comm")).equals(cut))
        .mapToInt(task -> Integer.parseInt(task.getFileName().toString()))
        .max();
  }

  private static List<Path> taskPaths() {
    List<Path> tasks = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(TASKS)) {
      for (Path task : all) {
        if (tasks.size() < MAX_TASKS) {
          tasks.add(task);
        }
      }
    } catch (IOException e) {
      // A system without proc has nothing to tell.
      return tasks;
    }
    tasks.sort(null);
    return tasks;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      // The thread has ended meanwhile, or the kernel keeps it to itself.
      return "-";
    }
  }
}
