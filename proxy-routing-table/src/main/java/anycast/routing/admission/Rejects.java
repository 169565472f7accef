package anycast.routing.admission;

import anycast.routing.feed.RejectRow;
import anycast.routing.model.NodeId;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// From what a node keeps out to the rows by which it tells so.
///
/// **Threading.** Pure.
public final class Rejects {
  private Rejects() {}

  /// The newest first. A reason loses what a terminal does not show, and its end where it is long;
  /// stacks and documents stay on the node.
  public static List<RejectRow> rows(NodeId node, List<QuarantineEntry> entries) {
    return entries.stream()
        .sorted(Comparator.comparingLong(QuarantineEntry::sinceMillis).reversed())
        .map(entry ->
            new RejectRow(
                node,
                entry.hash().toString(),
                plain(entry.table(), RejectRow.MAX_WORD),
                plain(entry.key(), RejectRow.MAX_KEY),
                entry.stage().name().toLowerCase(Locale.ROOT),
                plain(entry.reason(), RejectRow.MAX_REASON),
                entry.sinceMillis(),
                entry.sinceMillis()))
        .toList();
  }

  private static String plain(String text, int most) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), most));
    for (int i = 0; i < text.length() && i < most; i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return out.toString();
  }
}
