package anycast.routing.feed.lastgood;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// One flat directory of files, as small as the store needs it: the seam where tests lose power.
///
/// What is written is there after a crash only if it was synced: the bytes by [Output#sync], the
/// name by [#syncDirectory]. **Threading.** One thread at a time. **Faults.** `IOException` with
/// the operating system's reason.
public interface Disk {
  /// Names of all files, in no order.
  List<String> list() throws IOException;

  /// Makes an empty file for its owner alone (mode 0600); one of that name is replaced.
  Output create(String name) throws IOException;

  /// @throws java.nio.file.NoSuchFileException where there is none
  Input open(String name) throws IOException;

  /// Gives a file another name at once; one that had it is gone.
  void rename(String from, String to) throws IOException;

  /// Removes a file; there need not be one.
  void delete(String name) throws IOException;

  /// Makes creations, renames and removals outlive a crash.
  void syncDirectory() throws IOException;

  /// A file that is being written.
  interface Output extends AutoCloseable {
    /// Takes all of `bytes`; the caller may use them again afterwards.
    void append(ByteBuffer bytes) throws IOException;

    /// Makes what was appended outlive a crash.
    void sync() throws IOException;

    @Override
    void close() throws IOException;
  }

  /// A file that is being read from its beginning.
  interface Input extends AutoCloseable {
    /// Its length.
    long sizeBytes() throws IOException;

    /// Fills `into`; leaves room in it at the end of the file only.
    void read(ByteBuffer into) throws IOException;

    @Override
    void close() throws IOException;
  }
}
