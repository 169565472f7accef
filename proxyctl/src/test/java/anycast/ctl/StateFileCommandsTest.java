package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.sqlite.StoreProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The commands for the state store's file, against a real store.
@Timeout(60)
class StateFileCommandsTest {
  @TempDir Path directory;

  @Test
  void storeIsBackedUpAndCheckedWhileItServesAndRestoredAfterIt() throws Exception {
    Path database = directory.resolve("state.db");
    Path backup = directory.resolve("backup");
    Ctl none = Ctl.run("state", "check", "--database", database);
    assertEquals(1, none.exit());
    assertTrue(none.out().contains("there is no file"), none.out());

    try (StoreProcess store = StoreProcess.serving(directory, database)) {
      Ctl saved = Ctl.run("state", "backup", "--database", database, "--to", backup);
      assertEquals(0, saved.exit(), saved.err());
      for (Path file : List.of(database, directory.resolve("state.db-wal"), backup)) {
        assertEquals(
            "rw-------",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
            "keys of certificates are in " + file);
      }
      Ctl again = Ctl.run("state", "backup", "--database", database, "--to", backup);
      assertEquals(1, again.exit());
      assertTrue(again.err().contains("overwrites nothing"), again.err());
      Ctl served = Ctl.run("state", "restore", "--database", database, "--from", backup);
      assertEquals(1, served.exit());
      assertTrue(served.err().contains("is served now"), served.err());
      Ctl well = Ctl.run("state", "check", "--database", database);
      assertEquals(0, well.exit(), well.out());
      store.terminate();
    }
    Ctl restored = Ctl.run("state", "restore", "--database", database, "--from", backup);
    assertEquals(0, restored.exit(), restored.err());
    assertTrue(restored.out().contains("start its store again"), restored.out());
  }
}
