package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Eventually;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The process from outside.
@Timeout(120)
final class StateMainTest {
  @TempDir Path directory;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void stop() {
    started.forEach(Process::destroyForcibly);
  }

  private Process run(String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            StateMain.class.getName()));
    command.addAll(List.of(flags));
    Process process =
        new ProcessBuilder(command)
            .redirectError(directory.resolve("err").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    started.add(process);
    return process;
  }

  private String errors(Process process, int code) throws Exception {
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    String text = Files.readString(directory.resolve("err"));
    assertEquals(code, process.exitValue(), text);
    return text;
  }

  private Process serve() throws Exception {
    Path ready = directory.resolve("ready.json");
    Files.deleteIfExists(ready);
    Process process =
        run(
            "--listen", "127.0.0.1:0",
            "--database", directory.resolve("state.db").toString(),
            "--ready-file", ready.toString());
    new Eventually().await("ready", () -> Files.exists(ready) || !process.isAlive());
    assertTrue(process.isAlive(), Files.readString(directory.resolve("err")));
    return process;
  }

  private StateClient client() throws IOException {
    JsonNode ready = new ObjectMapper().readTree(directory.resolve("ready.json").toFile());
    return new StateClient(List.of(URI.create(ready.path("state").asText())), Optional.empty());
  }

  @Test
  void saysEverythingThatIsWrongWithItsFlagsAtOnce() throws Exception {
    String said =
        errors(run("--listen", "nowhere", "--bogus", "--token-file", directory + "/missing"), 2);
    assertTrue(said.contains("--listen wants HOST:PORT, got nowhere"), said);
    assertTrue(said.contains("unknown flag --bogus"), said);
    assertTrue(said.contains("--database is missing"), said);
    assertTrue(said.contains("missing cannot be read"), said);
  }

  @Test
  void portInUseIsOneClearLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String said =
          errors(
              run(
                  "--listen",
                  "127.0.0.1:" + taken.getLocalPort(),
                  "--database",
                  directory.resolve("state.db").toString()),
              1);
      assertTrue(said.contains("cannot listen on"), said);
      assertTrue(said.contains("" + taken.getLocalPort()), said);
    }
  }

  @Test
  void fileThatIsNoDatabaseIsSaid() throws Exception {
    Path file = directory.resolve("notes.txt");
    Files.writeString(file, "this is no database, and long enough to be read as one. ".repeat(40));
    String said = errors(run("--listen", "127.0.0.1:0", "--database", file.toString()), 1);
    assertTrue(said.contains("cannot use " + file), said);
  }

  @Test
  void readyFileThatCannotBeWrittenEndsTheProcess() throws Exception {
    String said =
        errors(
            run(
                "--listen", "127.0.0.1:0",
                "--database", directory.resolve("state.db").toString(),
                "--ready-file", directory.resolve("missing/ready.json").toString()),
            1);
    assertTrue(said.contains("cannot write"), said);
  }

  @Test
  void terminatedProcessExitsWithZero() throws Exception {
    Process process = serve();
    process.destroy();
    errors(process, 0);
  }

  @Test
  void killLosesNothingThatWasAcknowledged() throws Exception {
    Process process = serve();
    try (StateClient client = client()) {
      for (int i = 0; i < 20; i++) {
        client.transact(
            List.of(Statement.put(anycast.routing.feed.Table.APPS, List.of("a" + i, 1L))));
      }
    }
    process.destroyForcibly().waitFor();
    serve();
    try (StateClient client = client()) {
      assertEquals(List.of(List.of(20L)), client.query(Statement.of("SELECT count(*) FROM apps")));
    }
  }
}
