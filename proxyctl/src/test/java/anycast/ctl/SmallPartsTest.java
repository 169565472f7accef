package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallPartsTest {
  @TempDir Path directory;

  @Test
  void socketsComeFromOptionElseEnvironmentElseRunDirectory() throws Exception {
    Path run = Files.createDirectory(directory.resolve("anycast"));
    Path worker = Files.createFile(run.resolve("wrk.sock"));
    Path edge = Files.createFile(run.resolve("edge.sock"));
    Files.createFile(run.resolve("edge.json"));
    Map<String, String> both =
        Map.of("PROXYCTL_SOCKET", "/a:/b", "XDG_RUNTIME_DIR", directory.toString());

    assertEquals(List.of(Path.of("/x")), Sockets.find(List.of(Path.of("/x")), both));
    assertEquals(List.of(Path.of("/a"), Path.of("/b")), Sockets.find(List.of(), both));
    List<Path> found = Sockets.find(List.of(), Map.of("XDG_RUNTIME_DIR", directory.toString()));
    assertEquals(List.of(edge, worker), found.subList(0, 2));
  }

  @Test
  void helpSaysWhatMayBeLeftOut() {
    assertTrue(Ctl.run("diff", "--help").out().contains(" A [B]\n"));
    assertTrue(Ctl.run("state", "--help").out().contains("[COMMAND]"));
    assertFalse(Ctl.run("ca", "--help").out().contains("[COMMAND]"));
  }

  @Test
  void lengthsAreReadAndShown() {
    assertEquals(Duration.ofMillis(500), Durations.parse("500ms"));
    assertEquals(Duration.ofSeconds(2), Durations.parse("2"));
    assertEquals(Duration.ofMinutes(1), Durations.parse("1m"));
    assertEquals(Duration.ofHours(3), Durations.parse("3h"));
    for (String wrong : List.of("", "ms", "0s", "-1s", "1d", "9999999999s", "1 s")) {
      assertThrows(IllegalArgumentException.class, () -> Durations.parse(wrong), wrong);
    }
    assertEquals("250ms", Durations.show(Duration.ofMillis(250)));
    assertEquals("2s", Durations.show(Duration.ofSeconds(2)));
    assertEquals("1.5s", Durations.show(Duration.ofMillis(1599)));
    assertEquals("3m12s", Durations.show(Duration.ofSeconds(192)));
    assertEquals("2h5m", Durations.show(Duration.ofSeconds(7500)));
    assertEquals("4d3h", Durations.show(Duration.ofHours(99)));
  }

  @Property
  void printableTextHasNoControls(@ForAll String text) {
    String shown = Printable.of(text);

    assertTrue(shown.chars().noneMatch(Character::isISOControl));
    assertTrue(shown.codePoints().noneMatch(c -> Character.getType(c) == Character.FORMAT));
  }
}
