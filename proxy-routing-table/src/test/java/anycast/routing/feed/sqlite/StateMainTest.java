package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The process from outside.
@Timeout(120)
final class StateMainTest {
  @TempDir Path directory;

  private String errors(int code, String... flags) throws Exception {
    return StoreProcess.run(directory, code, flags);
  }

  private StoreProcess serve() throws Exception {
    return StoreProcess.serving(directory, directory.resolve("state.db"));
  }

  @Test
  void saysEverythingThatIsWrongWithItsFlagsAtOnce() throws Exception {
    String said =
        errors(2, "--listen", "nowhere", "--bogus", "--token-file", directory + "/missing");
    assertTrue(said.contains("--listen wants HOST:PORT, got nowhere"), said);
    assertTrue(said.contains("unknown flag --bogus"), said);
    assertTrue(said.contains("--database is missing"), said);
    assertTrue(said.contains("missing cannot be read"), said);
  }

  @Test
  void portInUseIsOneClearLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      String database = directory.resolve("state.db").toString();
      String said = errors(1, "--listen", address, "--database", database);
      assertTrue(said.contains("cannot listen on"), said);
      assertTrue(said.contains("" + taken.getLocalPort()), said);
    }
  }

  @Test
  void fileThatIsNoDatabaseIsSaid() throws Exception {
    Path file = directory.resolve("notes.txt");
    Files.writeString(file, "this is no database, and long enough to be read as one. ".repeat(40));
    String said = errors(1, "--listen", "127.0.0.1:0", "--database", file.toString());
    assertTrue(said.contains("cannot use " + file), said);
  }

  @Test
  void readyFileThatCannotBeWrittenEndsTheProcess() throws Exception {
    String said =
        errors(
            1,
            "--listen",
            "127.0.0.1:0",
            "--database",
            directory.resolve("state.db").toString(),
            "--ready-file",
            directory.resolve("missing/ready.json").toString());
    assertTrue(said.contains("cannot write"), said);
  }

  @Test
  void terminatedProcessExitsWithZero() throws Exception {
    try (StoreProcess store = serve()) {
      store.terminate();
    }
  }

  @Test
  void killLosesNothingThatWasAcknowledged() throws Exception {
    try (StoreProcess store = serve()) {
      try (StateClient client = store.client()) {
        for (int i = 0; i < 20; i++) {
          client.transact(List.of(Statement.put(Table.APPS, List.of("a" + i, 1L))));
        }
      }
      store.kill();
    }
    try (StoreProcess store = serve();
        StateClient client = store.client()) {
      assertEquals(List.of(List.of(20L)), client.query(Statement.of("SELECT count(*) FROM apps")));
    }
  }
}
