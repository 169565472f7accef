package anycast.load.state;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What a part tells the bench: lines `= key value` among its log.
final class Told {
  private static final String MARK = "= ";

  /// The last thing that a part tells.
  static final String DONE = "done";

  private Told() {}

  static void tell(String key, double value) {
    // In one piece: the log goes to the same file.
    System.out.print(String.format(Locale.ROOT, "%s%s %.4f\n", MARK, key, value));
  }

  /// Reads them back from a log.
  static Map<String, Double> in(Path log) throws IOException {
    Map<String, Double> told = new LinkedHashMap<>();
    for (String line : Files.readAllLines(log)) {
      String[] words = line.split(" ");
      if (line.startsWith(MARK) && words.length == 3) {
        told.put(words[1], Double.parseDouble(words[2]));
      }
    }
    return told;
  }

  /// Since the JVM began.
  static double uptimeSeconds() {
    return ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
  }

  /// Most that the heap ever held, garbage included, in MiB.
  static double peakHeapMiB() {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        bytes += pool.getPeakUsage().getUsed();
      }
    }
    return bytes / (double) (1 << 20);
  }

  /// What is left after a collection, in MiB.
  static double liveHeapMiB() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / (double) (1 << 20);
  }

  /// Most memory that this process ever had, in MiB (proc(5), `VmHWM`).
  static double peakResidentMiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    return Double.NaN;
  }

  /// Processor time of this process.
  static double cpuSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  /// Processor time of another process of this user.
  static double cpuSeconds(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .map(time -> time.toNanos() / 1e9)
        .orElse(Double.NaN);
  }
}
