package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import anycast.routing.ChildJvm;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.LastGoodStore;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A process starts and serves wherever its journal is to be, and says what is wrong with it. Each
/// is a process of its own, with a view of the file system that ends with it.
@Timeout(180)
class JournalPlaceTest {
  @TempDir Path directory;
  private Path place;
  private Path lastGood;

  @BeforeEach
  void save() throws IOException {
    place = Files.createDirectory(directory.resolve("journal"));
    lastGood = directory.resolve("last-good");
    try (DirectoryDisk disk = DirectoryDisk.open(lastGood)) {
      new LastGoodStore(disk)
          .save(List.<Entity>of(new App(new AppId("shop"), 1))::forEach, 1, 40_000);
    }
  }

  @Test
  void servesWithAJournal() throws Exception {
    assertEquals("serves true, journal ok", told(""));
    assertEquals("serves true, journal ok", told(""), "and with the one that it finds");
  }

  @Test
  void servesWhereTheDirectoryMayNotBeRead() throws Exception {
    assumeTrue(can("setpriv", "--bounding-set=-all", "--inh-caps=-all", "true"));
    assertTold(
        "AccessDenied",
        "chmod 000 " + place + "; exec setpriv --bounding-set=-all --inh-caps=-all \"$@\"");
  }

  @Test
  void servesWhereTheDiskIsFull() throws Exception {
    assumeMounts();
    assertTold(
        "No space left on device",
        "mount -t tmpfs -o size=16k none " + place + "; head -c 16384 /dev/zero > " + place + "/x");
  }

  @Test
  void servesWhereNothingCanBeWritten() throws Exception {
    assumeMounts();
    assertTold(
        "Read-only file system",
        "mount -t tmpfs -o size=16k none " + place + "; mount -o remount,ro " + place);
  }

  @Test
  void servesWhereAFileIsInTheDirectorysPlace() throws Exception {
    Files.delete(place);
    Files.createFile(place);
    assertTold("", "");
  }

  private void assumeMounts() throws Exception {
    assumeTrue(can("unshare", "-m", "mount", "-t", "tmpfs", "none", place.toString()));
  }

  private static boolean can(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void assertTold(String reason, String before) throws Exception {
    String told = told(before);
    assertTrue(told.startsWith("serves true, journal not written: "), told);
    assertTrue(told.contains(reason), told);
  }

  /// @param before commands of a shell, in a file system of its own where there are any
  private String told(String before) throws Exception {
    List<String> command = new ArrayList<>();
    if (!before.isEmpty()) {
      command.addAll(before.contains("mount") ? List.of("unshare", "-m") : List.of());
      command.addAll(List.of("sh", "-c", before + "; exec \"$@\"", "sh"));
    }
    command.addAll(
        ChildJvm.mortal("KILL", ChildJvm.command(List.of(), BadPlaceMain.class, place, lastGood)));
    ChildJvm.Ended child = ChildJvm.run(directory.resolve("log"), command);
    assertEquals(0, child.code(), child.said());
    return child
        .said()
        .lines()
        .filter(line -> line.startsWith("serves "))
        .findFirst()
        .orElse(child.said());
  }
}
