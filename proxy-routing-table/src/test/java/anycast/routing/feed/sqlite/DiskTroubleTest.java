package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import anycast.routing.feed.Eventually;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is full, fails, is read-only or was written by somebody else: real ones.
@Timeout(180)
final class DiskTroubleTest {
  private static final String FILLER = "x".repeat(20_000);

  @TempDir Path directory;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    http.shutdownNow();
  }

  private static int run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    return process.exitValue();
  }

  private HttpResponse<String> put(StoreProcess store, String name, String document)
      throws Exception {
    String sql = "INSERT INTO virtual_services (name, document) VALUES (?, ?)";
    return store.post(
        http, "/v1/transactions", "[[\"%s\", [\"%s\", \"%s\"]]]".formatted(sql, name, document));
  }

  private String count(StoreProcess store) throws Exception {
    HttpResponse<String> answer =
        store.post(http, "/v1/queries", "\"SELECT count(*) FROM virtual_services\"");
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.body().lines().toList().get(1).replaceAll(".*\\[(\\d+)]]}", "$1");
  }

  /// Writes until it is refused; everything before was acknowledged.
  private HttpResponse<String> fill(StoreProcess store, int least) throws Exception {
    for (int i = 0; i < 1_000; i++) {
      HttpResponse<String> answer = put(store, "filler" + i, FILLER);
      if (answer.statusCode() != 200) {
        assertTrue(i >= least, i + " " + answer.body());
        assertEquals("" + i, count(store), "reading goes on");
        return answer;
      }
    }
    throw new AssertionError("the disk was never full");
  }

  private BufferedReader follow(StoreProcess store) throws Exception {
    HttpResponse<InputStream> answer =
        http.send(
            HttpRequest.newBuilder(store.uri().resolve("/v1/subscriptions"))
                .header("content-type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "\"SELECT name, gen FROM virtual_services\""))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, answer.statusCode());
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  private static String until(BufferedReader lines, String part) throws Exception {
    String line = lines.readLine();
    while (line != null && !line.contains(part)) {
      line = lines.readLine();
    }
    assertTrue(line != null, "the stream ended before " + part);
    return line;
  }

  @Test
  void fullDiskRefusesWritesServesReadsAndHealsByItself() throws Exception {
    Path small = Files.createDirectory(directory.resolve("small"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString()) == 0);
    try (StoreProcess store = StoreProcess.serving(directory, small.resolve("state.db"))) {
      Path ballast = Files.write(small.resolve("ballast"), new byte[300_000]);
      BufferedReader before = follow(store);
      HttpResponse<String> refused = fill(store, 3);
      assertEquals(507, refused.statusCode(), refused.body());
      assertTrue(refused.body().contains("make room on its file system"), refused.body());
      BufferedReader during = follow(store);
      until(during, "eoq");

      Files.delete(ballast);
      HttpResponse<String> healed = put(store, "healed", "{}");
      assertEquals(200, healed.statusCode(), healed.body());
      until(before, "healed");
      until(during, "healed");
      String said = store.said();
      assertTrue(said.contains("ERROR state is read-only"), said);
      assertTrue(said.contains("state is written again"), said);

      String all = count(store);
      store.kill();
      try (StoreProcess again = StoreProcess.serving(directory, small.resolve("state.db"))) {
        assertEquals(all, count(again));
      }
    } finally {
      run("umount", "-l", small.toString());
    }
  }

  @Test
  void storeThatStartsOnAFullOrReadOnlyDiskServesWhatItHasAndSaysWhatToDo() throws Exception {
    Path small = Files.createDirectory(directory.resolve("small"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString()) == 0);
    try {
      Path database = small.resolve("state.db");
      try (StateStore store = StateFileTest.open(database)) {
        StateFileTest.write(store, "INSERT INTO virtual_services (name, gen) VALUES ('v', 7)");
      }
      fillUp(small.resolve("ballast"));
      try (StoreProcess full = StoreProcess.serving(directory, database)) {
        assertServesButRefuses(full, "make room");
        full.terminate();
      }
      Files.delete(small.resolve("ballast"));
      assertEquals(0, run("mount", "-o", "remount,ro", small.toString()));
      try (StoreProcess readOnly = StoreProcess.serving(directory, database)) {
        assertServesButRefuses(readOnly, "the directory writable");
        readOnly.terminate();
      }
      String another =
          StoreProcess.run(
              directory,
              1,
              "--listen",
              "127.0.0.1:0",
              "--database",
              small.resolve("another.db").toString());
      assertTrue(another.contains("the directory writable"), another);
      assertEquals(0, run("mount", "-o", "remount,rw", small.toString()));
      try (StoreProcess well = StoreProcess.serving(directory, database)) {
        assertEquals(200, put(well, "w", "{}").statusCode());
      }
    } finally {
      run("umount", "-l", small.toString());
    }
  }

  private static void fillUp(Path ballast) {
    try (var out = Files.newOutputStream(ballast)) {
      for (int i = 0; i < 1_000; i++) {
        out.write(new byte[4096]);
      }
    } catch (java.io.IOException e) {
      // full
    }
  }

  private void assertServesButRefuses(StoreProcess store, String remedy) throws Exception {
    assertEquals("1", count(store));
    assertTrue(until(follow(store), "\"v\"").contains("7"));
    HttpResponse<String> refused = put(store, "w", "{}");
    assertEquals(503, refused.statusCode(), refused.body());
    assertTrue(refused.body().contains(remedy), refused.body());
    assertTrue(refused.body().contains("start the store again"), refused.body());
    assertTrue(store.said().contains("ERROR read-only until it is started again"), store.said());
  }

  /// A limit on the size of files makes the disk fail with EFBIG, as a failing one does with EIO.
  @Test
  void diskThatFailsRefusesWritesServesReadsAndHealsByItself() throws Exception {
    Path database = directory.resolve("state.db");
    try (StoreProcess store = StoreProcess.serving(directory, database)) {
      BufferedReader before = follow(store);
      String pid = Long.toString(store.pid());
      assertEquals(200, put(store, "first", "{}").statusCode());
      long log = Files.size(directory.resolve("state.db-wal"));
      String limit = "--fsize=" + (log + 200_000) + ":";
      assumeTrue(run("prlimit", "--pid", pid, limit) == 0);
      for (int i = 0; i < 1_000; i++) {
        HttpResponse<String> answer = put(store, "filler" + i, FILLER);
        if (answer.statusCode() != 200) {
          assertEquals(503, answer.statusCode(), answer.body());
          assertTrue(answer.body().contains("nothing was written"), answer.body());
          assertTrue(answer.body().contains("look at its limits"), answer.body());
          assertEquals("" + (i + 1), count(store), "reading goes on");
          break;
        }
        assertTrue(i < 900, "the disk never failed");
      }
      String all = count(store);
      assertEquals(0, run("prlimit", "--pid", pid, "--fsize=unlimited:"));
      HttpResponse<String> healed = put(store, "healed", "{}");
      assertEquals(200, healed.statusCode(), healed.body());
      until(before, "healed");
      assertEquals("" + (Integer.parseInt(all) + 1), count(store));
      store.terminate();
    }
    assertEquals(List.of(), check(database));
  }

  private static List<String> check(Path database) {
    return new StateFile(
            database, java.time.InstantSource.system(), anycast.routing.time.Ticker.system())
        .check()
        .problems();
  }

  private static void scramble(Path database, int fromPage) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "rw")) {
      byte[] noise = new byte[4096];
      java.util.Arrays.fill(noise, (byte) 0x5a);
      for (long at = 4096L * fromPage; at < file.length(); at += 4096) {
        file.seek(at);
        file.write(noise);
      }
    }
  }

  @Test
  void corruptFileAtStartIsRefusedWithARemedy() throws Exception {
    Path database = directory.resolve("state.db");
    try (StateStore store = StateFileTest.open(database)) {
      StateFileTest.write(store, "INSERT INTO apps (name) VALUES ('a')");
    }
    scramble(database, 2);
    String said =
        StoreProcess.run(
            directory, 1, "--listen", "127.0.0.1:0", "--database", database.toString());
    assertTrue(said.contains("is corrupt"), said);
    assertTrue(said.contains("`restore` a backup"), said);
  }

  /// Another program writes over the file of a store that runs.
  @Test
  void fileThatBecomesCorruptIsReadAsFarAsItGoesAndNotWrittenAgain() throws Exception {
    Path database = directory.resolve("state.db");
    try (StateStore store = StateFileTest.open(database)) {
      for (int i = 0; i < 300; i++) { // more than SQLite keeps in memory
        StateFileTest.write(
            store,
            "INSERT INTO virtual_services (name, document) VALUES ('v%03d', '%s')"
                .formatted(i, FILLER));
      }
      StateFileTest.write(store, "INSERT INTO apps (name) VALUES ('a')");
    }
    try (StoreProcess store = StoreProcess.serving(directory, database)) {
      scramble(database, 60);
      HttpResponse<String> refused = null;
      for (int i = 0; i < 300 && (refused == null || refused.statusCode() == 200); i++) {
        refused =
            store.post(
                http,
                "/v1/transactions",
                "[\"UPDATE virtual_services SET gen = gen + 1 WHERE name = 'v%03d'\"]"
                    .formatted(i));
      }
      assertEquals(503, refused.statusCode(), refused.body());
      assertTrue(refused.body().contains("restore"), refused.body());
      HttpResponse<String> apps =
          store.post(http, "/v1/transactions", "[\"INSERT INTO apps (name) VALUES ('b')\"]");
      assertEquals(503, apps.statusCode(), "each write could spread the damage");
      HttpResponse<String> read = store.post(http, "/v1/queries", "\"SELECT name FROM apps\"");
      assertTrue(read.body().contains("[\"a\"]"), read.body());
      new Eventually()
          .await(
              "said",
              () -> {
                try {
                  return store.said().contains("ERROR state is read-only");
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
    }
  }

  @Test
  void secondStoreOnAFileIsRefused() throws Exception {
    Path database = directory.resolve("state.db");
    try (StoreProcess store = StoreProcess.serving(directory, database, "--sync", "normal")) {
      assertTrue(store.said().contains("INFO sync normal: a kill loses nothing"), store.said());
      String said =
          StoreProcess.run(
              directory, 1, "--listen", "127.0.0.1:0", "--database", database.toString());
      assertTrue(said.contains("is served by another process"), said);
    }
    String wrong =
        StoreProcess.run(
            directory,
            2,
            "--database",
            database.toString(),
            "--sync",
            "sometimes",
            "--gather",
            "soon");
    assertTrue(wrong.contains("--gather wants 0 to 60000 milliseconds, got soon"), wrong);
    assertTrue(wrong.contains("--sync wants full|normal|off, got sometimes"), wrong);
  }
}
