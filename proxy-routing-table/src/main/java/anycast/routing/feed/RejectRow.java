package anycast.routing.feed;

import anycast.routing.model.NodeId;
import java.util.List;

/// What one node keeps out of force and why, as its row of the table `rejects` says: so that the
/// author of the change sees it, wherever state is read.
///
/// @param hash 32 hexadecimal digits that name the content; [#SUMMARY] where the row stands for
///   several
/// @param table the table of the row that is kept out, by name; empty in a summary
/// @param key the key of that row as an operator writes it; empty in a summary
/// @param stage where it did harm: a word in lower case, perhaps of a newer version than this one
/// @param reason one sentence, at most [#MAX_REASON] characters
/// @param atMillis wall clock of the node; to be shown, never to be reckoned with
/// @param generation grows with each version of this row
public record RejectRow(
    NodeId node,
    String hash,
    String table,
    String key,
    String stage,
    String reason,
    long atMillis,
    long generation) {
  /// The hash of a row that tells how many others there are.
  public static final String SUMMARY = "0".repeat(32);

  /// A sentence for a person, and rows of it travel through all of the fleet.
  public static final int MAX_REASON = 1_000;

  /// Keys of rows are names of two parts.
  public static final int MAX_KEY = 600;

  /// A word.
  public static final int MAX_WORD = 64;

  /// The columns that tell; a row in which they are the same is not written again.
  public static final List<String> OWNED =
      List.of("entry_table", "entry_key", "stage", "reason", "at_ms");

  private static final int HASH_DIGITS = 32;

  /// **Faults.** `IllegalArgumentException` names the column.
  public RejectRow {
    if (!isHash(hash)) {
      throw new IllegalArgumentException("hash wants " + HASH_DIGITS + " hexadecimal digits");
    }
    limited("entry_table", table, MAX_WORD);
    limited("entry_key", key, MAX_KEY);
    limited("stage", stage, MAX_WORD);
    limited("reason", reason, MAX_REASON);
  }

  private static void limited(String column, String text, int most) {
    if (text.length() > most) {
      throw new IllegalArgumentException(column + " wants at most " + most + " characters");
    }
  }

  private static boolean isHash(String text) {
    if (text.length() != HASH_DIGITS) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  /// Whether it stands for several entries.
  public boolean isSummary() {
    return hash.equals(SUMMARY);
  }
}
