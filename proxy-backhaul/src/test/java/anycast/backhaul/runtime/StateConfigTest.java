package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.StateConfig.Sources;
import anycast.routing.admission.AdmissionLimits;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.model.RegionCode;
import anycast.routing.time.Ticker;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateConfigTest {
  @TempDir Path directory;

  private StateConfig read(String yaml) throws Exception {
    ConfigFile file = file(yaml);
    StateConfig state = StateConfig.read(file.root());
    file.check();
    return state;
  }

  private ConfigFile file(String yaml) throws Exception {
    Path path = directory.resolve("proxy.yaml");
    Files.writeString(path, yaml);
    return ConfigFile.read(path);
  }

  private void assertProblems(String yaml, String wanted) throws Exception {
    ConfigFile file = file(yaml);
    StateConfig.read(file.root());
    ConfigProblems problems = assertThrows(ConfigProblems.class, file::check);
    assertEquals(
        wanted.strip().replace("DIR", directory.toString()),
        problems.problems().stream()
            .map(problem -> problem.line() + ": " + problem.text())
            .collect(Collectors.joining("\n")));
  }

  @Test
  void agentsAloneHaveUsualLimitsAndNoDirectory() throws Exception {
    StateConfig state = read("state: { urls: [\"http://127.0.0.1:9000\"] }");
    assertEquals(StateConfig.of(List.of(URI.create("http://127.0.0.1:9000"))), state);
    assertEquals("[http://127.0.0.1:9000]", state.told());
    assertTrue(state.takes(new RegionCode("anywhere")));
  }

  @Test
  void everyKeyIsRead() throws Exception {
    Files.writeString(directory.resolve("token"), "s3cret\n");
    Files.writeString(directory.resolve("ca.pem"), "x");
    StateConfig state =
        read(
            """
            state:
              urls: ["https://a:1", "https://b:2"]
              token_file: token
              endpoint: state-1
              ca_file: ca.pem
              stickiness: 20s
            last_good: { directory: last-good, every: 5m }
            freshness: { limit: 1m, silence: 15s }
            guard: { shrink: 25%, confirm: 90s }
            audit: { every: 1h }
            """);
    assertEquals(
        new Sources.Agents(
            new CorrosionConfig(
                List.of(URI.create("https://a:1"), URI.create("https://b:2")),
                Optional.of("s3cret"),
                Optional.of("state-1"),
                Optional.of(directory.resolve("ca.pem")),
                Duration.ofSeconds(20))),
        state.sources());
    assertEquals(
        new FeedLimits(
            0.25,
            10,
            Duration.ofSeconds(90),
            Duration.ofSeconds(15),
            Duration.ofMinutes(1),
            Duration.ofHours(1)),
        state.limits());
    assertEquals(
        Optional.of(
            new StateConfig.LastGoodPlace(directory.resolve("last-good"), Duration.ofMinutes(5))),
        state.lastGood());
  }

  @Test
  void admissionIsReadWithAllItsTerms() throws Exception {
    StateConfig state =
        read(
            """
            state: { urls: ["http://127.0.0.1:9000"] }
            admission:
              directory: admission
              budget: 100ms
              soak: 5s
              quarantine: 2h
              first_share: 10%
              first_soak: 90s
            """);
    assertEquals(
        new AdmissionConfig(
            Optional.of(directory.resolve("admission")),
            new AdmissionLimits(
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofHours(2),
                0.1,
                Duration.ofSeconds(90)),
            false),
        state.admission());
    assertEquals(
        AdmissionConfig.STANDARD, read("state: { urls: [\"http://127.0.0.1:9000\"] }").admission());
    assertEquals(
        new AdmissionLimits(
            Duration.ofMillis(250),
            Duration.ofSeconds(30),
            Duration.ofHours(24),
            1.0,
            Duration.ofSeconds(60)),
        AdmissionConfig.STANDARD.limits());
  }

  @Test
  void problemsOfAdmissionAreNamedWithTheirLines() throws Exception {
    assertProblems(
        """
        state: { urls: ["http://127.0.0.1:9000"] }
        last_good: { directory: kept }
        admission:
          directory: kept
          budget: 1ms
          soak: 0s
          quarantine: tomorrow
          first_share: 0%
          first_soak: 60
          waves: 3
        """,
        """
        4: `admission.directory` wants one of its own, not that of last_good
        5: `admission.budget` wants 10ms to 10s
        6: `admission.soak` wants more than nothing
        7: `admission.quarantine` wants a duration like 250ms, 2s, 5m or 1h
        8: `admission.first_share` wants a share from 1% to 100%
        9: `admission.first_soak` wants text, has a number: put it in quotes
        10: unknown key `waves` in `admission`; known are budget, directory, soak, quarantine,\
         first_share, first_soak
        """);
  }

  @Test
  void twoTiersFollowInstancesRegionallyAndTheRestGlobally() throws Exception {
    StateConfig state =
        read(
            """
            state:
              global: { urls: ["http://127.0.0.1:1"] }
              regional:
                - { region: fra, urls: ["http://127.0.0.1:2"] }
                - { region: iad, urls: ["http://127.0.0.1:3"] }
            """);
    assertTrue(state.takes(new RegionCode("iad")));
    assertFalse(state.takes(new RegionCode("nrt")));
    assertEquals(
        "global [http://127.0.0.1:1], fra [http://127.0.0.1:2], iad [http://127.0.0.1:3]",
        state.told());
    Sources.Tiers tiers = assertInstanceOf(Sources.Tiers.class, state.sources());
    assertEquals(Optional.empty(), tiers.global().region());
    assertEquals(Optional.of(new RegionCode("iad")), tiers.regional().get(1).agents().region());
    Map<String, Set<Table>> followed = new TreeMap<>();
    for (FeedFollower.Named named : StateLinks.of(state.sources(), Ticker.system()).sources()) {
      followed.put(named.name(), named.source().tables());
      named.source().close();
    }
    Set<Table> regional = EnumSet.of(Table.INSTANCES, Table.INSTANCE_HEALTH, Table.BEATS);
    Set<Table> global = EnumSet.complementOf(EnumSet.of(Table.INSTANCES, Table.INSTANCE_HEALTH));
    assertEquals(Map.of("global", global, "fra", regional, "iad", regional), followed);
  }

  @Test
  void natsIsRead() throws Exception {
    Files.writeString(directory.resolve("user.creds"), "x");
    StateConfig state =
        read(
            """
            state:
              nats:
                servers: ["nats://127.0.0.1:4222", "tls://n2:4222"]
                bucket_prefix: fleet
                replicas: 3
                credentials_file: user.creds
            """);
    assertEquals(
        new Sources.Nats(
            new NatsConfig(
                List.of(URI.create("nats://127.0.0.1:4222"), URI.create("tls://n2:4222")),
                "fleet",
                3,
                new NatsConfig.Credentials.CredentialsFile(directory.resolve("user.creds")),
                Optional.empty(),
                Set.of())),
        state.sources());
  }

  @Test
  void oneSourceIsWanted() throws Exception {
    assertProblems("state: {}", "1: missing key `urls` in `state`");
  }

  @Test
  void everyProblemIsNamedAtOnceWithItsLine() throws Exception {
    Files.writeString(directory.resolve("empty"), " \n");
    assertProblems(
        """
        state:
          global:
            urls: ["ftp://x"]
            colour: blue
          regional:
            - { region: fra, urls: ["http://a:1"], token_file: nowhere }
            - { region: fra, urls: ["http://a:1"], stickiness: 0s }
            - { region: global, urls: ["http://a:1"], token_file: empty }
        last_good: { every: 0s }
        guard: { shrink: 120% }
        freshness: { limit: never }
        """,
        """
        3: `state.global.urls` wants addresses like http://127.0.0.1:9000
        4: unknown key `colour` in `state.global`; known are urls, token_file, endpoint, ca_file, stickiness
        6: `state.regional[0].token_file` names a file that is not there: DIR/nowhere
        7: `state.regional[1].region` stands twice
        7: `state.regional[1].stickiness` wants more than nothing
        8: `state.regional[2].region` is the other tier's name
        8: `state.regional[2].token_file` names a file that is empty: DIR/empty
        9: missing key `directory` in `last_good`
        9: `last_good.every` wants more than nothing
        10: `guard.shrink` wants a share from 1% to 100%
        11: `freshness.limit` wants a duration like 250ms, 2s, 5m or 1h
        """);
  }

  @Test
  void sourcesOfTwoKindsAreRefused() throws Exception {
    assertProblems(
        """
        state:
          urls: ["http://a:1"]
          nats: { servers: ["nats://a:1"] }
        """,
        "3: `state.nats` stands beside another source: wants one of urls, global, nats");
  }

  @Test
  void problemsOfNatsAreNamed() throws Exception {
    assertProblems(
        """
        state:
          nats:
            servers: ["http://a:1"]
            bucket_prefix: "a b"
            replicas: 9
        """,
        """
        3: `state.nats.servers` wants addresses like nats://127.0.0.1:4222
        4: `state.nats.bucket_prefix` wants letters, digits, - and _, at most 64
        5: `state.nats.replicas` wants a whole number from 1 to 5
        """);
  }
}
