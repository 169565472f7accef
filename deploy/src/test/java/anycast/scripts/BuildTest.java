package anycast.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `deploy/build` in a source tree of one file, with a Maven that notes when it is called: what
/// runs from a build keeps it.
@Timeout(120)
class BuildTest {
  private static final Path SCRIPTS = Path.of("").toAbsolutePath();
  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  /// Its one jar says how often it has built.
  private static final String MAVEN =
      """
      #!/bin/sh
      echo built >> mvn.log
      mkdir -p deploy/target/lib
      wc -l < mvn.log > deploy/target/lib/a.jar
      """;

  @TempDir Path given;
  private Path root;
  private Path source;

  @BeforeEach
  void plant() throws IOException {
    root = given.toRealPath();
    Files.createDirectories(root.resolve("one/src/main"));
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(root.resolve("deploy"));
    Files.writeString(root.resolve("pom.xml"), "");
    Files.writeString(root.resolve("one/pom.xml"), "");
    source = Files.writeString(root.resolve("one/src/main/A.java"), "");
    Path maven = Files.writeString(root.resolve("bin/mvn"), MAVEN);
    assertTrue(maven.toFile().setExecutable(true));
    for (String each : List.of("build", "lib.sh", "proxyctl")) {
      Files.copy(SCRIPTS.resolve(each), root.resolve("deploy").resolve(each));
    }
  }

  private String run(int code, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("PATH", root.resolve("bin") + ":" + environment.get("PATH"));
    environment.put("JAVA_HOME", JAVA_HOME.toString());
    Path said = root.resolve("said");
    Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it hangs");
    assertEquals(code, process.exitValue(), Files.readString(said));
    return Files.readString(said);
  }

  /// Where the jars are after it.
  private Path build(String... flags) throws Exception {
    List<String> command = new ArrayList<>(List.of("deploy/build"));
    command.addAll(List.of(flags));
    run(0, command.toArray(String[]::new));
    return root.resolve("deploy/target/builds/last").toRealPath();
  }

  private long built() throws IOException {
    return Files.readAllLines(root.resolve("mvn.log")).size();
  }

  private static String jar(Path build) throws IOException {
    return Files.readString(build.resolve("a.jar")).strip();
  }

  @Test
  void buildsOnceAndAgainWhenTheSourceHasChanged() throws Exception {
    Path first = build();
    assertEquals(first, build());
    assertEquals(1, built());
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plus(Duration.ofHours(1))));
    Path second = build();
    assertNotEquals(first, second);
    assertEquals("2", jar(second));
    assertEquals("1", jar(first), "who was about to start from it");
  }

  @Test
  void whatSomebodyRunsFromIsKeptUnchanged() throws Exception {
    Path first = build();
    Process user =
        new ProcessBuilder("sh", "-c", "read line; :", "sh", first.resolve("a.jar").toString())
            .start();
    try {
      Path second = build("--force");
      Path third = build("--force");
      Path fourth = build("--force");
      assertEquals("1", jar(first));
      assertFalse(Files.exists(second), "nobody runs from it");
      assertEquals("3", jar(third));
      assertEquals("4", jar(fourth));
    } finally {
      user.getOutputStream().close();
      assertTrue(user.waitFor(60, TimeUnit.SECONDS));
    }
    build("--force");
    assertFalse(Files.exists(first), "nobody runs from it any more");
  }

  @Test
  void proxyctlRunsWhatIsBuiltAndBuildsOnlyWhereNothingIs() throws Exception {
    // The one jar has no main class: java says so and ends with 1.
    assertTrue(run(1, "deploy/proxyctl").contains("anycast.ctl.Main"));
    assertEquals(1, built());
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plus(Duration.ofHours(1))));
    assertTrue(run(1, "deploy/proxyctl").contains("the source is newer than what runs here"));
    assertEquals(1, built());
  }
}
