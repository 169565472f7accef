package anycast.routing.admission;

import anycast.routing.feed.lastgood.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A disk with so much room: what does not fit is written as far as it fits, as a real one does it.
final class SmallDisk implements Disk {
  private final MemoryDisk disk = new MemoryDisk();
  private final Map<String, Integer> sizes = new HashMap<>();
  private int roomBytes;

  SmallDisk(int roomBytes) {
    this.roomBytes = roomBytes;
  }

  /// Somebody else takes room, or gives it back.
  void room(int bytes) {
    roomBytes = bytes;
  }

  int used() {
    return sizes.values().stream().mapToInt(size -> size).sum();
  }

  @Override
  public List<String> list() {
    return disk.list();
  }

  @Override
  public Output create(String name) {
    Output out = disk.create(name);
    sizes.put(name, 0);
    return new Output() {
      private String now() {
        return sizes.containsKey(name) ? name : name.replace(".part", ".log");
      }

      @Override
      public void append(ByteBuffer bytes) throws IOException {
        int fits = Math.max(0, Math.min(bytes.remaining(), roomBytes - used()));
        boolean all = fits == bytes.remaining();
        out.append(bytes.slice(bytes.position(), fits));
        sizes.merge(now(), fits, Integer::sum);
        if (!all) {
          throw new IOException("No space left on device");
        }
      }

      @Override
      public void sync() throws IOException {
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
    disk.rename(from, to);
    sizes.put(to, sizes.remove(from));
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
    sizes.remove(name);
  }

  @Override
  public void syncDirectory() {
    disk.syncDirectory();
  }
}
