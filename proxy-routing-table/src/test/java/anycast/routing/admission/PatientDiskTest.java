package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.Disk;
import anycast.routing.feed.lastgood.FragileDisk;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PatientDiskTest {
  private static final Moment NOW = new Moment(0, 0);

  @Test
  void journalIsWrittenThroughItAsWithoutIt(@TempDir Path directory) throws IOException {
    try (DirectoryDisk files = DirectoryDisk.open(directory);
        PatientDisk disk = new PatientDisk(files, Duration.ofSeconds(60))) {
      ContentHash hash = ContentHash.of(Cast.rules("a", 1));
      Ledger ledger = open(disk);
      ledger.quarantine(Cast.rules("a", 1), null, Stage.COMPILE, "why", "", NOW);
      ledger.close();
      assertTrue(open(disk).quarantined(hash).isPresent());
    }
  }

  private static Ledger open(Disk disk) {
    return Ledger.open(disk, LastEnd.NONE, AdmissionLimits.STANDARD, new NodeId("edge-1"), NOW);
  }

  @Test
  void diskThatDoesNotAnswerIsGivenUpAndTakenAgainWhenItDoes() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    FragileDisk files = new FragileDisk();
    Disk slow =
        (Disk)
            Proxy.newProxyInstance(
                Disk.class.getClassLoader(),
                new Class<?>[] {Disk.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("syncDirectory")) {
                    asked.countDown();
                    assertTrue(answer.await(30, TimeUnit.SECONDS));
                  }
                  try {
                    return method.invoke(files, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    try (PatientDisk disk = new PatientDisk(slow, Duration.ofMillis(50))) {
      IOException first = assertThrows(IOException.class, disk::syncDirectory);
      assertEquals("the disk takes longer than 50 ms to sync its directory", first.getMessage());
      assertTrue(asked.await(30, TimeUnit.SECONDS));
      IOException second = assertThrows(IOException.class, disk::list);
      assertEquals("the disk does not answer", second.getMessage());
      answer.countDown();
      while (true) {
        try {
          assertEquals(List.of(), disk.list());
          return;
        } catch (IOException e) {
          Thread.onSpinWait();
        }
      }
    }
  }

  @Test
  void ledgerOnADiskThatHangsAdmitsWithoutAJournal() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Disk hung =
        (Disk)
            Proxy.newProxyInstance(
                Disk.class.getClassLoader(),
                new Class<?>[] {Disk.class},
                (_, _, _) -> {
                  never.await();
                  throw new IOException("too late");
                });
    try (PatientDisk disk = new PatientDisk(hung, Duration.ofMillis(50))) {
      Ledger ledger = open(disk);
      Change change = new Change.Put(Cast.rules("a", 1));
      assertEquals(new Verdict.Admit(), ledger.judge(change, null, NOW));
      ledger.intent(List.of(change), Collections.singletonList(null), NOW);
      assertEquals(1, ledger.view().pending());
      assertEquals("not written: the disk does not answer", ledger.view().journal());
      ledger.close();
    } finally {
      never.countDown();
    }
  }
}
