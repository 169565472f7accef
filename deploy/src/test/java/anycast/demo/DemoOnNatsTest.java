package anycast.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The same fleet, with its state in NATS JetStream.
@Timeout(240)
final class DemoOnNatsTest {
  @TempDir private Path dir;

  @Test
  void theFleetAnswersFromAStateInNats() throws Exception {
    FleetProcess fleet = FleetProcess.start(dir, "--state", "nats");
    try (HttpClient client =
        HttpClient.newBuilder()
            .sslContext(Probe.trusting(fleet.ca()))
            .connectTimeout(Duration.ofSeconds(10))
            .build()) {
      assertTrue(fleet.file().path("state").path("url").asText().startsWith("nats://127.0.0.1:"));
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(fleet.url("fra", "https", "hello.demo.test")))
              .timeout(Duration.ofSeconds(30))
              .build();
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer::body);
    } finally {
      fleet.stop();
    }
  }
}
