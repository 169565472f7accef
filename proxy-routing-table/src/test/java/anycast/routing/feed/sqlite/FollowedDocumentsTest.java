package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.document.DocumentReader;
import anycast.routing.feed.Eventually;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedStatus.TableStatus;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.VirtualService;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.virtual.CompiledRule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Documents of virtual services from a real store into a snapshot.
@Timeout(120)
final class FollowedDocumentsTest {
  private static final byte[] HOST = "v.test".getBytes(StandardCharsets.US_ASCII);

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
  void aDocumentThatCannotBeFollowedLeavesTheOneBeforeInForceUntilAGoodOneComes() throws Exception {
    String good = document("first");
    followed.client.transact(
        List.of(Statement.put(new VirtualService("v", good, 1, DocumentReader.rules(good)), 1)));
    Eventually eventually = followed.eventually;
    try (FeedFollower follower = followed.follow(_ -> {})) {
      assertEquals(List.of("v/first"), rules(followed.current()));

      write("hosts: [v.test]\nrules: [ { name: broken, to: [ { selector: 'a in (' } ] } ]", 2);
      eventually.await("the broken one is named", () -> follower.status().skipped().size() == 1);
      assertEquals(List.of("v/first"), rules(followed.current()));
      assertEquals("v", follower.status().skipped().getFirst().row());
      assertEquals(
          1, follower.status().tables().stream().mapToInt(TableStatus::previousServes).sum());

      write(document("second"), 3);
      eventually.await("the good one", () -> rules(followed.current()).equals(List.of("v/second")));
      eventually.await("nothing is skipped", () -> follower.status().skipped().isEmpty());
    }
  }

  private static String document(String rule) {
    return "hosts: [v.test]\nrules: [ { name: " + rule + ", to: [ { selector: app=hello } ] } ]";
  }

  private void write(String document, int generation) throws Exception {
    followed.client.transact(
        List.of(
            Statement.of(
                "UPDATE virtual_services SET document = ?, gen = ? WHERE name = 'v'",
                document,
                generation)));
  }

  private static List<String> rules(RoutingSnapshot now) {
    return now.rules(HOST, 0, HOST.length).stream().map(CompiledRule::name).toList();
  }
}
