package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.sqlite.StateMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

    Process store = serve(database);
    try {
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
    } finally {
      store.destroy();
      assertTrue(store.waitFor(30, TimeUnit.SECONDS));
    }
    Ctl restored = Ctl.run("state", "restore", "--database", database, "--from", backup);
    assertEquals(0, restored.exit(), restored.err());
    assertTrue(restored.out().contains("start its store again"), restored.out());
  }

  private Process serve(Path database) throws Exception {
    Path ready = directory.resolve("ready");
    Process store =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StateMain.class.getName(),
                "--listen",
                "127.0.0.1:0",
                "--database",
                database.toString(),
                "--ready-file",
                ready.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    while (!Files.exists(ready)) {
      assertTrue(!store.waitFor(20, TimeUnit.MILLISECONDS), "the store does not start");
    }
    return store;
  }
}
