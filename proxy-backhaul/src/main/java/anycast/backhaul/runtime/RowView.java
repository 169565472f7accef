package anycast.backhaul.runtime;

import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/// A row of state as an operator may see it: column by column, secrets as fingerprints.
///
/// **Limits.** [#MAX_CELL_CHARS] a cell.
final class RowView {
  /// A document of a virtual service may be long; a page shows many rows.
  static final int MAX_CELL_CHARS = 2048;

  /// A key must never be shown, and a chain is 4 kB that nobody reads: what both are compared by is
  /// enough.
  private static final Set<String> FINGERPRINTED = Set.of("chain", "key");

  /// Hex digits of a fingerprint: no two certificates of one name share 64 bits by chance.
  private static final int FINGERPRINT_BYTES = 8;

  /// Written by the source's clock and not kept.
  private static final String NOT_KEPT = "updated_ms";

  private RowView() {}

  /// Cells by column; null where there is no row.
  static Map<String, Object> of(Entity row) {
    if (row == null) {
      return null;
    }
    Table table = RowCodec.table(row.key());
    List<Object> values = RowCodec.encode(row, 0);
    Map<String, Object> cells = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      String column = table.columns().get(i).name();
      if (table == Table.CERTIFICATES && FINGERPRINTED.contains(column)) {
        cells.put(column, fingerprint((String) values.get(i)));
      } else if (!column.equals(NOT_KEPT)) {
        cells.put(column, shortened(values.get(i)));
      }
    }
    return cells;
  }

  /// The key's cells with `/` between them.
  static String key(Entity row) {
    Table table = RowCodec.table(row.key());
    List<Object> values = RowCodec.encode(row, 0);
    StringJoiner key = new StringJoiner("/");
    for (int i = 0; i < table.key().size(); i++) {
      key.add(values.get(i).toString());
    }
    return key.toString();
  }

  static String table(Entity row) {
    return RowCodec.table(row.key()).label();
  }

  private static Object shortened(Object cell) {
    return cell instanceof String text && text.length() > MAX_CELL_CHARS
        ? text.substring(0, MAX_CELL_CHARS) + "... (" + text.length() + " characters)"
        : cell;
  }

  private static String fingerprint(String secret) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
