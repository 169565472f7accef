package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.Disk;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A process that lives with its ledger and stops before each step: it says which one on its
/// output, and goes on when it is given a byte. Arguments: the directory, and which life it is.
final class KilledLedger {
  private static final int SECONDS_A_LIFE = 1_000;

  private KilledLedger() {}

  public static void main(String[] args) throws IOException {
    int life = Integer.parseInt(args[1]);
    long seconds = (long) life * SECONDS_A_LIFE;
    try (DirectoryDisk directory = DirectoryDisk.open(Path.of(args[0]))) {
      Ledger ledger =
          Ledger.open(
              new SteppedDisk(directory),
              new LastEnd(LastEnd.Kind.ABNORMAL, List.of()),
              AdmissionLimits.STANDARD,
              new NodeId("edge-1"),
              at(seconds));
      say("note " + ledger.view().journal() + ledger.view().notes());
      ledger.preload(List.of(Cast.rules("vs0", life - 1)), at(seconds));
      ledger.serving(at(seconds));
      Entity[] batch = {Cast.rules("vs0", life), Cast.rules("vs1", life)};
      List<Change> admitted = new ArrayList<>();
      for (Entity entity : batch) {
        Change put = new Change.Put(entity);
        if (ledger.judge(put, null, at(seconds)) instanceof Verdict.Admit) {
          admitted.add(put);
        }
      }
      ledger.intent(admitted, Arrays.asList(new Entity[admitted.size()]), at(seconds));
      step("publish");
      Entity poison = Cast.rules("poison", life);
      ledger.quarantine(poison, null, Stage.COMPILE, "too slow", "a stack", at(seconds));
      say("out " + ContentHash.of(poison));
      for (int second = 0; second < 40; second++) {
        ledger.onBeat(true, at(seconds + second));
      }
      step("close");
      ledger.close();
      say("closed");
    }
  }

  private static Moment at(long seconds) {
    return new Moment(Duration.ofSeconds(seconds).toNanos(), seconds * 1_000);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static void step(String name) throws IOException {
    say("step " + name);
    if (System.in.read() < 0) {
      System.exit(3);
    }
  }

  /// Stops before each change of the disk.
  private record SteppedDisk(Disk disk) implements Disk {
    @Override
    public List<String> list() throws IOException {
      return disk.list();
    }

    @Override
    public Output create(String name) throws IOException {
      step("create");
      Output out = disk.create(name);
      return new Output() {
        @Override
        public void append(ByteBuffer bytes) throws IOException {
          step("append");
          out.append(bytes);
        }

        @Override
        public void sync() throws IOException {
          step("sync");
          out.sync();
        }

        @Override
        public void close() throws IOException {
          out.close();
        }
      };
    }

    @Override
    public Input open(String name) throws IOException {
      return disk.open(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      step("rename");
      disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
      step("delete");
      disk.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
      step("directory");
      disk.syncDirectory();
    }
  }
}
