package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.feed.Eventually;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.AppId;
import anycast.routing.pick.Candidate;
import anycast.routing.table.RoutingSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Blue and green change places in one transaction: in no published snapshot is there a moment
/// between.
@Timeout(120)
final class SwitchTest {
  /// So many that the lines of one switch are several times what is read from a socket at once.
  private static final int INSTANCES = 400;

  private static final int SWITCHES = 20;
  private static final AppId SHOP = new AppId("shop");

  @TempDir Path directory;

  private FollowedStore followed;

  @BeforeEach
  void start() throws Exception {
    followed = new FollowedStore(directory.resolve("state.db"));
  }

  @AfterEach
  void stop() {
    followed.close();
  }

  @Test
  void everyPublishedSnapshotHasAllOfOneColourAndNoneOfTheOther() throws Exception {
    fill();
    List<Set<String>> seen = new ArrayList<>();
    Eventually eventually = followed.eventually;
    try (FeedFollower _ = followed.follow(snapshot -> seen.add(ready(snapshot)))) {
      assertEquals(Set.of("blue " + INSTANCES), ready(followed.current()));
      eventually.changed(seen::clear);
      for (int i = 1; i <= SWITCHES; i++) {
        String to = i % 2 == 0 ? "blue" : "green";
        switchTo(to, i % 2 == 0 ? "green" : "blue", i);
        int due = i;
        eventually.await("switch " + i, () -> seen.size() >= due);
        List<Set<String>> copy = new ArrayList<>();
        eventually.changed(() -> copy.addAll(seen));
        assertEquals(List.of(Set.of(to + " " + INSTANCES)), copy.subList(due - 1, copy.size()));
      }
    }
  }

  /// `colour count` of those that a picker would pick.
  private static Set<String> ready(RoutingSnapshot snapshot) {
    return snapshot.app(SHOP).services().getFirst().picker().candidates().stream()
        .filter(Candidate::routable)
        .map(candidate -> candidate.instance().id().value().replaceAll("-.*", ""))
        .collect(Collectors.groupingBy(colour -> colour, Collectors.counting()))
        .entrySet()
        .stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.toSet());
  }

  private void fill() throws Exception {
    followed.client.transact(
        List.of(
            Statement.of(
                "INSERT INTO services (app, id, ports, internal_port, gen)"
                    + " VALUES ('shop', 'web', '[80]', 8080, 1)"),
            Statement.of(
                "INSERT INTO nodes (id, region, role, backhaul, gen)"
                    + " VALUES ('w', 'fra', 'worker', 'w:7', 1)"),
            instances("blue"),
            instances("green"),
            cordon("green", 0)));
  }

  private static Statement instances(String colour) {
    return Statement.of(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            + INSTANCES
            + ") INSERT INTO instances (node, id, app, region, address, port, state, gen) SELECT"
            + " 'w', '"
            + colour
            + "-' || i, 'shop', 'fra', '127.0.0.1', 0, 'started', 1 FROM n");
  }

  private static Statement cordon(String colour, int gen) {
    return Statement.of(
        "INSERT INTO cordons (node, id, reason, gen) SELECT node, id, 'switch', "
            + gen
            + " FROM instances WHERE id LIKE '"
            + colour
            + "-%'");
  }

  private void switchTo(String to, String from, int gen) throws Exception {
    followed.client.transact(
        List.of(
            cordon(from, gen), Statement.of("DELETE FROM cordons WHERE id LIKE '" + to + "-%'")));
  }
}
