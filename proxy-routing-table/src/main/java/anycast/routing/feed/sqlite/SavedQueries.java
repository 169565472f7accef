package anycast.routing.feed.sqlite;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// All followed queries of a store that was stopped in order, and which store that was.
///
/// As bytes: a mark with the format's version, the content, SHA-256 over both.
///
/// Public for the simulation, which tears and flips the bytes.
public record SavedQueries(Origin origin, List<SavedQuery> queries) {
  private static final long MARK = 0x616e79_73756273_01L;
  private static final int DIGEST_BYTES = 32;

  /// The exact state that the results are of: another version is another truth.
  public record Origin(String actor, long version) {}

  /// The bytes of a file.
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(MARK);
      text(out, origin.actor());
      out.writeLong(origin.version());
      out.writeInt(queries.size());
      for (SavedQuery query : queries) {
        write(out, query);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bytes.writeBytes(SavedQuery.Digest.sha256().digest(bytes.toByteArray()));
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, SavedQuery query) throws IOException {
    text(out, query.sql());
    SavedQuery.Position position = query.position();
    out.writeLong(position.id().getMostSignificantBits());
    out.writeLong(position.id().getLeastSignificantBits());
    out.writeLong(position.lastId());
    out.writeLong(position.lastChangeId());
    out.writeInt(query.columns().size());
    for (String column : query.columns()) {
      text(out, column);
    }
    SavedQuery.Result result = query.result();
    out.writeInt(result.rowids().length);
    for (int i = 0; i < result.rowids().length; i++) {
      out.writeLong(result.rowids()[i]);
      out.writeLong(result.ids()[i]);
    }
    block(out, result.digest());
    out.writeInt(query.log().size());
    for (byte[] line : query.log()) {
      block(out, line);
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    block(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void block(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /// Reads a file's bytes.
  ///
  /// @return empty where they are torn, garbled or of another format
  public static Optional<SavedQueries> decode(byte[] bytes) {
    int end = bytes.length - DIGEST_BYTES;
    if (end < Long.BYTES) {
      return Optional.empty();
    }
    MessageDigest sha = SavedQuery.Digest.sha256();
    sha.update(bytes, 0, end);
    if (!Arrays.equals(sha.digest(), Arrays.copyOfRange(bytes, end, bytes.length))) {
      return Optional.empty();
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, end))) {
      if (in.readLong() != MARK) {
        return Optional.empty();
      }
      Origin origin = new Origin(text(in), in.readLong());
      int count = in.readInt();
      List<SavedQuery> queries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        queries.add(query(in));
      }
      return Optional.of(new SavedQueries(origin, queries));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static SavedQuery query(DataInputStream in) throws IOException {
    String sql = text(in);
    SavedQuery.Position position =
        new SavedQuery.Position(
            new UUID(in.readLong(), in.readLong()), in.readLong(), in.readLong());
    List<String> columns = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      columns.add(text(in));
    }
    int rows = in.readInt();
    long[] rowids = new long[rows];
    long[] ids = new long[rows];
    for (int i = 0; i < rows; i++) {
      rowids[i] = in.readLong();
      ids[i] = in.readLong();
    }
    byte[] digest = block(in);
    List<byte[]> log = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      log.add(block(in));
    }
    return new SavedQuery(sql, position, columns, new SavedQuery.Result(rowids, ids, digest), log);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(block(in), StandardCharsets.UTF_8);
  }

  private static byte[] block(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}
