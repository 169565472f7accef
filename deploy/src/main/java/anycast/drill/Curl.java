package anycast.drill;

import anycast.demo.FleetFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// A request by `curl` that is under way: a client of somebody else's.
///
/// **Threading.** Any. **Ownership.** The process, which ends by itself after a minute.
final class Curl {
  private static final String SECONDS = "60";

  private final Process process;

  private Curl(Process process) {
    this.process = process;
  }

  /// Asks the demo app on this host, and returns at once.
  static Curl start(Path ca, String path) throws FleetFault {
    List<String> command =
        List.of(
            "curl",
            "--silent",
            "--show-error",
            "--max-time",
            SECONDS,
            "--cacert",
            ca.toString(),
            "--resolve",
            Installation.HOST + ":443:127.0.0.1",
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code}",
            "https://" + Installation.HOST + path);
    try {
      return new Curl(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new FleetFault("curl could not be run", e);
    }
  }

  /// Waits for its end.
  ///
  /// @return the status, or what curl complains about
  String await() throws FleetFault {
    try {
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      process.waitFor();
      return said;
    } catch (IOException e) {
      throw new FleetFault("curl could not be heard", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FleetFault("interrupted while curl waited");
    }
  }
}
