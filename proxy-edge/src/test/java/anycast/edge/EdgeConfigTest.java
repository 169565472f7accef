package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.ExchangeLimits;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.edge.request.PathRules;
import anycast.routing.virtual.PathPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeConfigTest {
  private static final String LEAST =
      """
      node: edge-fra-1
      region: fra
      state: { urls: ["http://127.0.0.1:9000"] }
      listeners:
        - { name: http, listen: "127.0.0.1:0", port: 80, tls: false }
      identity: { ca: f, certificate: f, key: f }
      admin: { socket: s }
      """;

  @TempDir private Path folder;

  @BeforeEach
  void files() throws Exception {
    Files.writeString(folder.resolve("f"), "");
  }

  @Test
  void isStrictAboutPathsWhereRulesLookAtThem() throws Exception {
    assertEquals(PathRules.USUAL, read("").serving().paths());
  }

  @Test
  void readsWhatPathsMayBe() throws Exception {
    PathRules paths =
        read("paths: { hosts: all, slashes: keep, encoded_slash: decode, parameters: drop }\n")
            .serving()
            .paths();
    assertEquals(PathRules.Hosts.ALL, paths.hosts());
    assertEquals(PathPolicy.Slashes.KEEP, paths.policy().slashes());
    assertEquals(PathPolicy.EncodedSlash.DECODE, paths.policy().encodedSlash());
    assertEquals(PathPolicy.Parameters.DROP, paths.policy().parameters());
    assertEquals(PathPolicy.SAFE.dots(), paths.policy().dots());
  }

  @Test
  void readsWhatMayBeKeptAndWait() throws Exception {
    ExchangeLimits usual = ExchangeLimits.usual();
    assertEquals(usual, read("").serving().limits().exchanges());
    EdgeConfig.Limits limits =
        read("limits: { connections: 7, kept_body_bytes: 0, kept_bodies_bytes: 9, waiting: 3 }\n")
            .serving()
            .limits();
    assertEquals(7, limits.connections());
    assertEquals(
        new ExchangeLimits(0, 9, 3, 3, usual.copies(), usual.copyLagBytes()), limits.exchanges());
  }

  @Test
  void saysWhichWordIsNone() {
    ConfigProblems problems =
        assertThrows(ConfigProblems.class, () -> read("paths: { slashes: some, dot: keep }\n"));
    assertTrue(problems.getMessage().contains("slashes"), problems.getMessage());
    assertTrue(problems.getMessage().contains("dot"), problems.getMessage());
  }

  private EdgeConfig read(String more) throws Exception {
    return EdgeConfig.read(Files.writeString(folder.resolve("edge.yaml"), LEAST + more));
  }
}
