package anycast.drill;

import anycast.demo.FleetFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A request by `curl` that is under way: a client of somebody else's.
///
/// **Threading.** Any. **Ownership.** The process, which ends by itself after some minutes.
final class Curl {
  private static final String SECONDS = "180";

  private final Process process;
  private final Path body;

  private Curl(Process process, Path body) {
    this.process = process;
    this.body = body;
  }

  /// Asks the demo app on this host, and returns at once.
  static Curl start(Path ca, String path) throws FleetFault {
    try {
      Path body = Files.createTempFile("drill", ".body");
      return new Curl(
          new ProcessBuilder(command(ca, path, body)).redirectErrorStream(true).start(), body);
    } catch (IOException e) {
      throw new FleetFault("curl could not be run", e);
    }
  }

  private static List<String> command(Path ca, String path, Path body) {
    return List.of(
        "curl",
        "--no-buffer",
        "--silent",
        "--show-error",
        "--max-time",
        SECONDS,
        "--cacert",
        ca.toString(),
        "--resolve",
        Installation.HOST + ":443:127.0.0.1",
        "--output",
        body.toString(),
        "--write-out",
        "%{http_code}",
        "https://" + Installation.HOST + path);
  }

  /// Whether some of the answer's body is there.
  boolean isAnswering() throws IOException {
    return Files.size(body) > 0;
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
