package anycast.demo;

import anycast.backhaul.runtime.ReadyFile;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One nats-server as the fleet's state: what it stores goes into the run directory too.
final class NatsProcess {
  private static final String PROGRAM = "nats-server";

  private NatsProcess() {}

  /// @param port 0 = a free one
  static ChildProcess start(Path dir, String name, int port) throws FleetFault {
    if (!installed()) {
      throw new FleetFault(PROGRAM + " is not installed: Debian package " + PROGRAM);
    }
    Path config = dir.resolve(name + ".conf");
    try {
      Files.writeString(
          config,
          """
          listen: "127.0.0.1:%d"
          ports_file_dir: "%s"
          jetstream { store_dir: "%s" }
          """
              .formatted(port == 0 ? -1 : port, dir, dir.resolve("jetstream")));
    } catch (IOException e) {
      throw new FleetFault(config + " could not be written", e);
    }
    return ChildProcess.command(dir, name, "KILL", List.of(PROGRAM, "-c", config.toString()));
  }

  private static boolean installed() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .anyMatch(place -> Files.isExecutable(Path.of(place).resolve(PROGRAM)));
  }

  /// Writes the server's ready file in its place, when it says on which port it listens.
  static void awaitReady(Path dir, ChildProcess server, Ticker ticker, Duration timeout)
      throws FleetFault {
    Path ports = dir.resolve(PROGRAM + "_" + server.pid() + ".ports");
    long deadlineNanos = ticker.nanos() + timeout.toNanos();
    try {
      while (true) {
        server.awaitFile(ports, ticker, Duration.ofNanos(deadlineNanos - ticker.nanos()));
        try {
          String url = new JsonMapper().readTree(ports.toFile()).path("nats").path(0).asText();
          if (!url.isEmpty()) {
            ReadyFile.write(ChildProcess.readyFile(dir, server.name()), Map.of("state", url));
            return;
          }
        } catch (JsonProcessingException e) {
          // half of it is written; a server that stops here meets the deadline
        }
        TimeUnit.MILLISECONDS.sleep(ChildProcess.POLL_MILLIS);
      }
    } catch (IOException e) {
      throw new FleetFault(ports + " could not be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FleetFault("interrupted while " + server.name() + " was starting");
    }
  }
}
