package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.model.NodeId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real processes, real files, SIGKILL. More kills: `-Dledger.kills=1000`.
final class KilledLedgerTest {
  private static final int KILLS = Integer.getInteger("ledger.kills", 50);

  /// A life has fewer steps; a process that reached its end is not killed.
  private static final int MAX_STEPS = 40;

  @TempDir Path directory;

  private final Set<ContentHash> out = new HashSet<>();
  private final Set<String> killedAt = new HashSet<>();

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void ledgerKilledBeforeAnyStepOpensAgainAndForgetsNoQuarantine() throws Exception {
    int life = 0;
    int step = 0;
    for (int kills = 0; kills < KILLS; kills++) {
      boolean killed = live(++life, step);
      step = killed ? step + 1 : 0;
    }
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      long millis = (life + 1) * 1_000_000L;
      Ledger ledger =
          Ledger.open(
              disk,
              new LastEnd(LastEnd.Kind.ABNORMAL, List.of()),
              AdmissionLimits.STANDARD,
              new NodeId("edge-1"),
              new Moment(millis * 1_000_000, millis));
      Set<ContentHash> kept = new HashSet<>();
      ledger.view().quarantined().forEach(entry -> kept.add(entry.hash()));
      out.removeAll(kept);
      assertEquals(Set.of(), out);
      ledger.close();
    }
    if (KILLS >= MAX_STEPS) {
      assertTrue(
          killedAt.containsAll(
              Set.of("create", "append", "sync", "rename", "directory", "delete", "publish")),
          killedAt::toString);
    }
  }

  /// One process, killed before its step of that number.
  ///
  /// @return false where it came to its end before
  private boolean live(int life, int killStep) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command(life)).redirectErrorStream(true).start();
    List<String> said = new ArrayList<>();
    try (BufferedReader from = process.inputReader();
        OutputStream to = process.getOutputStream()) {
      int steps = 0;
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        said.add(line);
        if (line.startsWith("out ")) {
          out.add(ContentHash.parse(line.substring("out ".length())));
        } else if (line.startsWith("note ")) {
          assertTrue(!line.contains("journal-") && !line.contains("not written"), line);
        } else if (line.startsWith("step ") && steps++ == killStep) {
          killedAt.add(line.substring("step ".length()));
          process.destroyForcibly();
          assertEquals(128 + 9, process.waitFor());
          return true;
        } else if (line.startsWith("step ")) {
          to.write('\n');
          to.flush();
        }
      }
      assertEquals(0, process.waitFor(), said::toString);
      assertTrue(said.contains("closed"), said::toString);
      return false;
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> command(int life) {
    return ChildJvm.command(
        List.of(ChildJvm.QUICK, "-XX:+UseSerialGC", "-Xmx64m"),
        KilledLedger.class,
        directory,
        life);
  }
}
