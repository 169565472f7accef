package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SavedQueriesTest {
  @TempDir Path directory;

  private static SavedQueries sample() {
    SavedQuery query =
        new SavedQuery(
            "SELECT name FROM apps",
            new SavedQuery.Position(new UUID(3, 4), 17, 99),
            List.of("name", "größe"),
            new SavedQuery.Result(
                new long[] {-1, 5}, new long[] {16, 17}, new SavedQuery.Digest().bytes()),
            List.of("one\n".getBytes(StandardCharsets.UTF_8), new byte[0]));
    return new SavedQueries(new SavedQueries.Origin("actor", 7), List.of(query));
  }

  @Test
  void everyTornOrFlippedFileIsRefused() {
    byte[] bytes = sample().encode();
    for (int length = 0; length < bytes.length; length++) {
      assertTrue(SavedQueries.decode(Arrays.copyOf(bytes, length)).isEmpty(), "cut at " + length);
      byte[] flipped = bytes.clone();
      flipped[length] ^= 0x10;
      assertTrue(SavedQueries.decode(flipped).isEmpty(), "flipped at " + length);
    }
    assertTrue(SavedQueries.decode(Arrays.copyOf(bytes, bytes.length + 1)).isEmpty());
  }

  @Test
  void comesBackAsItWas() {
    SavedQueries saved = SavedQueries.decode(sample().encode()).orElseThrow();
    assertEquals(sample().origin(), saved.origin());
    SavedQuery query = saved.queries().getFirst();
    SavedQuery wanted = sample().queries().getFirst();
    assertEquals(wanted.sql(), query.sql());
    assertEquals(wanted.position(), query.position());
    assertEquals(wanted.columns(), query.columns());
    assertArrayEquals(wanted.result().rowids(), query.result().rowids());
    assertArrayEquals(wanted.result().ids(), query.result().ids());
    assertArrayEquals(wanted.result().digest(), query.result().digest());
    assertArrayEquals(wanted.log().getFirst(), query.log().getFirst());
    assertEquals(2, query.log().size());
  }

  @Test
  void damagedFileIsGoneToo() throws Exception {
    Path path = directory.resolve("subscriptions");
    Files.writeString(path, "half");
    Files.writeString(directory.resolve("subscriptions.tmp"), "torn");
    assertEquals(Optional.empty(), new SubscriptionsFile(path).take());
    assertFalse(Files.exists(path));
    assertFalse(Files.exists(directory.resolve("subscriptions.tmp")));
  }

  @Test
  void fileIsGoodForOneTaking() throws Exception {
    SubscriptionsFile file = new SubscriptionsFile(directory.resolve("subscriptions"));
    file.write(sample());
    assertTrue(file.take().isPresent());
    assertTrue(file.take().isEmpty());
  }
}
