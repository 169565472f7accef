package anycast.backhaul.runtime;

import java.util.Collection;
import java.util.Optional;

/// Finds what somebody meant to type.
final class Nearest {
  /// Two edits catch a doubled, lost, wrong or swapped letter, and do not turn one word of ours
  /// into another.
  private static final int MAX_EDITS = 2;

  private Nearest() {}

  static Optional<String> of(String typed, Collection<String> known) {
    String best = null;
    int least = MAX_EDITS + 1;
    for (String word : known) {
      int edits = Math.abs(word.length() - typed.length()) >= least ? least : edits(typed, word);
      if (edits < least) {
        least = edits;
        best = word;
      }
    }
    return Optional.ofNullable(best);
  }

  /// Levenshtein's distance, row by row.
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
