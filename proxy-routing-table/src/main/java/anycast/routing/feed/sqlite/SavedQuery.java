package anycast.routing.feed.sqlite;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.UUID;

/// What is left of a followed query after an orderly stop: enough to go on with the same ids over
/// the same result, not the result itself.
///
/// Public for the simulation, which stops and starts a store with it.
///
/// **Ownership.** The arrays are shared: nobody may write into them.
///
/// @param sql by which the query is known
/// @param log the last changes' lines, the newest last
public record SavedQuery(
    String sql, Position position, List<String> columns, Result result, List<byte[]> log) {

  /// Where its counters stand.
  ///
  /// @param id how clients name it
  /// @param lastId the newest result row's
  public record Position(UUID id, long lastId, long lastChangeId) {}

  /// Which row had which id, and what all of them were.
  ///
  /// @param rowids ascending
  /// @param ids the result row's id for each
  /// @param digest SHA-256 over all rows
  public record Result(long[] rowids, long[] ids, byte[] digest) {}

  UUID id() {
    return position.id();
  }

  /// One number for a whole result, in the order of rowids.
  static final class Digest {
    private final MessageDigest sha = sha256();
    private final ByteBuffer head = ByteBuffer.allocate(2 * Long.BYTES + 2 * Integer.BYTES);

    static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    void add(long rowid, long id, byte[] key, byte[] cells) {
      head.clear();
      head.putLong(rowid).putLong(id).putInt(key.length).putInt(cells.length);
      sha.update(head.array());
      sha.update(key);
      sha.update(cells);
    }

    byte[] bytes() {
      return sha.digest();
    }
  }
}
