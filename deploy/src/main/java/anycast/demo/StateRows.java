package anycast.demo;

import anycast.backhaul.identity.PrivateCa;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Writes the fleet's rows into the state store as an operator's tool would: SQL in one
/// transaction, over HTTP. (Instances and nodes are not here: each worker publishes its own.)
public final class StateRows {
  private final URI state;
  private final List<List<Object>> statements = new ArrayList<>();

  public StateRows(URI state) {
    this.state = state;
  }

  public void app(String name) {
    statements.add(List.of("INSERT OR REPLACE INTO apps (name, gen) VALUES (?, 1)", List.of(name)));
  }

  public void service(FleetPlan.App app, int soft, int hard) {
    statements.add(
        List.of(
            "INSERT OR REPLACE INTO services"
                + " (app, id, ports, internal_port, protocol, force_https, soft, hard, gen)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            List.of(
                app.name(),
                "web",
                "[80,443]",
                8080,
                app.protocol().column(),
                app.forceHttps() ? 1 : 0,
                soft,
                hard)));
  }

  public void host(FleetPlan.Host host) {
    statements.add(
        List.of(
            "INSERT OR REPLACE INTO hostnames (name, app, gen) VALUES (?, ?, 1)",
            List.of(host.name(), host.app())));
  }

  public void certificate(String name, PrivateCa.Issued issued) {
    statements.add(
        List.of(
            "INSERT OR REPLACE INTO certificates (name, chain, \"key\", gen) VALUES (?, ?, ?, 1)",
            List.of(name, issued.certificate(), issued.key())));
  }

  /// How many instances of an app a node of another region counts.
  public void count(String app, String node, String region, int instances) {
    statements.add(
        List.of(
            "INSERT OR REPLACE INTO app_regions (app, node, region, instances, gen)"
                + " VALUES (?, ?, ?, ?, 1)",
            List.of(app, node, region, instances)));
  }

  public void write() throws FleetFault {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(state.resolve("/v1/transactions"))
              .timeout(Duration.ofSeconds(10))
              .header("content-type", "application/json")
              .POST(BodyPublishers.ofString(new JsonMapper().writeValueAsString(statements)))
              .build();
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new FleetFault("the state store refused the rows: " + response.body());
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("lists of strings and numbers can be written", e);
    } catch (IOException e) {
      throw new FleetFault("the state store at " + state + " did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FleetFault("interrupted while writing rows");
    }
  }
}
