package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertThrows;

import anycast.routing.time.Ticker;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

final class TimeLimitTest {
  @TempDir Path directory;

  @Test
  @Timeout(60)
  void interruptsAQueryThatDoesNotEnd() throws Exception {
    try (StateStore store = StateStore.open(directory.resolve("state.db"), Ticker.system());
        TimeLimit limit = new TimeLimit(Duration.ofMillis(100));
        SQLiteConnection reader = store.reader();
        TimeLimit.Watch _ = limit.watch(reader);
        var statement = reader.createStatement()) {
      String endless =
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
      assertThrows(SQLException.class, () -> statement.executeQuery(endless));
    }
  }
}
