package anycast.load.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the numbers were measured on: without it they say little.
final class Machine {
  private Machine() {}

  static Map<String, String> describe(Instant now) throws IOException, InterruptedException {
    Map<String, String> told = new LinkedHashMap<>();
    told.put("date", now.truncatedTo(ChronoUnit.MINUTES).toString());
    told.put("cpu", cpu());
    told.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    told.put("kernel", System.getProperty("os.version"));
    told.put("java", System.getProperty("java.vm.version"));
    told.put("haproxy", firstLine("haproxy", "-v"));
    told.put("nginx", firstLine("nginx", "-v"));
    told.put("h2load", firstLine("h2load", "--version"));
    return told;
  }

  private static String cpu() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("model name")) {
        return line.substring(line.indexOf(':') + 2);
      }
    }
    return System.getProperty("os.arch");
  }

  private static String firstLine(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return text.lines().findFirst().orElse("");
  }
}
