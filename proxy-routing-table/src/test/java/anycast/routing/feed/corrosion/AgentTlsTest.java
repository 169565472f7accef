package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.RecordingSink;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.FakeAgent.Script;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Agents behind TLS with the certificates of a private CA.
@Timeout(120)
final class AgentTlsTest {
  private static final String SECRET = "changeit";

  @TempDir private static Path directory;
  private static Path rightCa;
  private static Path wrongCa;
  private static ServerSocketFactory factory;

  private final RecordingSink sink = new RecordingSink();
  private FakeAgent agent;

  @BeforeAll
  static void certificates() throws Exception {
    Path store = directory.resolve("right.p12");
    rightCa = authority(store, directory.resolve("right.pem"));
    wrongCa = authority(directory.resolve("wrong.p12"), directory.resolve("wrong.pem"));
    keytool(
        store,
        "-genkeypair -alias agent -keyalg EC -dname CN=agent -validity 36500 -signer ca"
            + " -ext san=ip:127.0.0.1");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, SECRET.toCharArray());
    }
    keys.deleteEntry("ca");
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, SECRET.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    factory = context.getServerSocketFactory();
  }

  private static Path authority(Path store, Path pem) throws Exception {
    keytool(store, "-genkeypair -alias ca -keyalg EC -dname CN=ca -validity 36500 -ext bc:c");
    keytool(store, "-exportcert -rfc -alias ca -file " + pem);
    return pem;
  }

  private static void keytool(Path store, String arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(
        List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", SECRET));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  @BeforeEach
  void start() throws IOException {
    agent = new FakeAgent("", "https", factory);
  }

  @AfterEach
  void stop() throws IOException {
    agent.close();
  }

  private static CorrosionConfig config(URI url, Path ca) {
    return new CorrosionConfig(
        List.of(url),
        Optional.empty(),
        Optional.empty(),
        Optional.ofNullable(ca),
        CorrosionConfig.DEFAULT_STICKINESS);
  }

  private CorrosionSource follow(CorrosionConfig config) {
    CorrosionSource source = new CorrosionSource(config, EnumSet.of(Table.APPS), Ticker.system());
    source.start(sink);
    return source;
  }

  @Test
  void anAgentOfThePrivateCaIsFollowedAndAsked() throws Exception {
    agent.then(Script.stream("{\"columns\":[\"name\",\"gen\"]}", "{\"eoq\":{\"change_id\":1}}"));
    try (CorrosionSource _ = follow(config(agent.uri(), rightCa))) {
      sink.await(
          "a snapshot",
          events -> events.stream().anyMatch(SourceEvent.SnapshotEnded.class::isInstance));
    }
    agent.then(Script.status(200).lines("{\"row\":[1,[1]]}", "{\"eoq\":{\"time\":0.1}}").clean());
    try (StateClient client = new StateClient(config(agent.uri(), rightCa))) {
      assertEquals(List.of(List.<Object>of(1L)), client.query(Statement.of("SELECT 1")));
    }
  }

  @Test
  void anAgentOfAnotherCaIsRefusedWithClearWords() throws Exception {
    for (Path ca : new Path[] {wrongCa, null}) {
      try (StateClient client = new StateClient(config(agent.uri(), ca))) {
        StateException told =
            assertThrows(StateException.class, () -> client.query(Statement.of("SELECT 1")));
        assertTrue(
            told.getMessage()
                .contains("its certificate does not descend from a CA that is trusted here"),
            told.getMessage());
      }
    }
    try (CorrosionSource _ = follow(config(agent.uri(), wrongCa))) {
      sink.await(
          "a loss",
          events ->
              events.stream()
                  .anyMatch(e ->
                      e instanceof SourceEvent.Lost lost
                          && lost.reason().contains("does not descend from a CA")));
    }
    assertTrue(agent.asked.isEmpty());
  }

  @Test
  void anAgentOfAnotherNameIsRefused() throws Exception {
    URI byName = URI.create("https://localhost:" + agent.uri().getPort());
    try (StateClient client = new StateClient(config(byName, rightCa))) {
      StateException told =
          assertThrows(StateException.class, () -> client.query(Statement.of("SELECT 1")));
      assertTrue(told.getMessage().contains("localhost"), told.getMessage());
    }
    assertTrue(agent.asked.isEmpty());
  }

  @Test
  void aCaFileThatIsNoneIsSaidAtOnce() throws Exception {
    Path text = Files.writeString(directory.resolve("text.pem"), "no certificate");
    Path empty = Files.writeString(directory.resolve("empty.pem"), "");
    for (Path file : List.of(directory.resolve("missing.pem"), text, empty)) {
      IllegalArgumentException told =
          assertThrows(
              IllegalArgumentException.class,
              () -> new StateClient(config(agent.uri(), file)).close());
      assertTrue(told.getMessage().contains(file.toString()), told.getMessage());
    }
  }
}
