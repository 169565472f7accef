package anycast.routing.feed.lastgood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import anycast.routing.model.Entity;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryDiskTest {
  private static final List<Entity> ENTITIES = SomeEntities.of(2_000);

  @TempDir private Path temporary;

  private static LastGood.Loaded loaded(Disk disk) {
    return assertInstanceOf(LastGood.Loaded.class, new LastGoodStore(disk).load());
  }

  @Test
  void savesAndLoadsOnARealDisk() throws IOException {
    Path directory = temporary.resolve("a/b");
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      LastGoodStore store = new LastGoodStore(disk);
      store.save(List.<Entity>of()::forEach, 1, 1);
      store.save(ENTITIES::forEach, 2, 2);
      SaveResult.Saved saved =
          assertInstanceOf(SaveResult.Saved.class, store.save(ENTITIES::forEach, 3, 3));
      assertEquals(new SaveResult.Saved(3, ENTITIES.size(), saved.bytes(), List.of()), saved);
      assertEquals(saved.bytes(), Files.size(directory.resolve("table-0000000000000000003.good")));
    }
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      assertEquals(2, disk.list().size());
      assertEquals(Set.copyOf(ENTITIES), Set.copyOf(loaded(disk).entities()));
    }
  }

  @Test
  void keepsItsFilesForTheirOwnerAlone() throws IOException {
    Path directory = temporary.resolve("keys");
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      Files.createFile(
          directory.resolve("table-0000000000000000001.part"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
      new LastGoodStore(disk).save(ENTITIES::forEach, 1, 1);
      assertEquals(
          "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          assertEquals(
              "rw-------",
              PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
              file::toString);
        }
      }
    }
  }

  @Test
  void refusesADirectoryThatThisProcessHasAlready() throws IOException {
    try (DirectoryDisk _ = DirectoryDisk.open(temporary)) {
      String sentence =
          assertThrows(IOException.class, () -> DirectoryDisk.open(temporary)).getMessage();
      assertTrue(sentence.contains("belongs to another process that runs"), sentence);
    }
    DirectoryDisk.open(temporary).close();
  }

  @Test
  void refusesADirectoryThatAnotherProcessHasUntilItIsKilled() throws Exception {
    Process other =
        new ProcessBuilder(ChildJvm.quick(Holder.class, temporary))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader told = other.inputReader(StandardCharsets.US_ASCII)) {
      assertEquals("held", told.readLine());
      String sentence =
          assertThrows(IOException.class, () -> DirectoryDisk.open(temporary)).getMessage();
      assertTrue(sentence.contains(temporary.toString()), sentence);
    } finally {
      other.destroyForcibly().waitFor();
    }
    DirectoryDisk.open(temporary).close();
  }

  /// Holds a directory until it is killed.
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      DirectoryDisk.open(Path.of(args[0]));
      System.out.println("held");
      System.in.read();
    }
  }

  /// A proxy starts on a disk that takes nothing, and saves when it does.
  @Test
  void opensWhatCannotBeWrittenAndHoldsItLater() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));
    Path directory = file.resolve("x");
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      LastGoodStore store = new LastGoodStore(disk);
      assertInstanceOf(LastGood.Damaged.class, store.load());
      assertInstanceOf(SaveResult.NotSaved.class, store.save(ENTITIES::forEach, 1, 1));
      Files.delete(file);
      assertInstanceOf(SaveResult.Saved.class, store.save(ENTITIES::forEach, 1, 1));
      assertThrows(DirectoryDisk.Taken.class, () -> DirectoryDisk.open(directory));
    }
  }

  @Test
  void failsAsAValueWhenTheDirectoryIsGone() throws IOException {
    Path directory = temporary.resolve("gone");
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      Files.delete(directory.resolve("lock"));
      Files.delete(directory);
      LastGoodStore store = new LastGoodStore(disk);
      assertInstanceOf(SaveResult.NotSaved.class, store.save(ENTITIES::forEach, 1, 1));
      LastGood.Damaged damaged = assertInstanceOf(LastGood.Damaged.class, store.load());
      assertTrue(damaged.reasons().getFirst().startsWith("the directory cannot be listed"));
      assertThrows(NoSuchFileException.class, () -> disk.open("table"));
    }
  }
}
