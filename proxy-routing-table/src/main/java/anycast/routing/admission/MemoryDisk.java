package anycast.routing.admission;

import anycast.routing.feed.lastgood.Disk;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A directory that ends with the process: for ledgers that nobody gave a place.
///
/// **Threading.** One thread at a time. **Limits.** What its only writer keeps.
public final class MemoryDisk implements Disk {
  private final Map<String, ByteArrayOutputStream> files = new TreeMap<>();

  @Override
  public List<String> list() {
    return List.copyOf(files.keySet());
  }

  @Override
  public Output create(String name) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    files.put(name, file);
    return new Output() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        Channels.newChannel(file).write(bytes);
      }

      @Override
      public void sync() {}

      @Override
      public void close() {}
    };
  }

  @Override
  public Input open(String name) throws IOException {
    byte[] bytes = file(name).toByteArray();
    ByteBuffer from = ByteBuffer.wrap(bytes);
    return new Input() {
      @Override
      public long sizeBytes() {
        return bytes.length;
      }

      @Override
      public void read(ByteBuffer into) {
        int length = Math.min(into.remaining(), from.remaining());
        into.put(from.slice(from.position(), length));
        from.position(from.position() + length);
      }

      @Override
      public void close() {}
    };
  }

  private ByteArrayOutputStream file(String name) throws FileNotFoundException {
    ByteArrayOutputStream file = files.get(name);
    if (file == null) {
      throw new FileNotFoundException(name);
    }
    return file;
  }

  @Override
  public void rename(String from, String to) throws IOException {
    files.put(to, file(from));
    files.remove(from);
  }

  @Override
  public void delete(String name) throws IOException {
    files.remove(name, file(name));
  }

  @Override
  public void syncDirectory() {}
}
