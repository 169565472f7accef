package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a store leaves among the temporary files.
@Timeout(120)
class NativeLibraryTest {
  @TempDir Path directory;

  @Test
  void aStoreThatIsKilledLeavesNothing() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (StoreProcess store = StoreProcess.serving(directory, directory.resolve("state.db"))) {
        store.kill();
      }
      try (Stream<Path> left = Files.list(StoreProcess.temporary(directory))) {
        assertEquals(List.of(), left.toList());
      }
    }
  }
}
