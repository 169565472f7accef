package anycast.backhaul.runtime;

import anycast.routing.feed.ChangeRecord;
import anycast.routing.feed.ChangeRing;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// What `/changes` answers: rows that changed, before and after, oldest first.
///
/// @param completeSinceMs wall clock since when no change is missing
/// @param complete whether nothing of what was asked for has been forgotten
/// @param total changes that match, also those that were cut off: the newest are shown
public record ChangesView(
    long completeSinceMs, boolean complete, int total, boolean cut, List<Changed> changes) {
  /// @param atMs wall clock
  /// @param version of the first snapshot that has it
  /// @param cause e.g. `change` or `snapshot`
  /// @param key the key's cells with `/` between them
  /// @param before cells by column; null where the row came
  /// @param after cells by column; null where the row went
  public record Changed(
      long atMs,
      long version,
      String cause,
      String table,
      String key,
      Map<String, Object> before,
      Map<String, Object> after) {
    static Changed of(ChangeRecord record) {
      var row = record.after() == null ? record.before() : record.after();
      return new Changed(
          record.atMillis(),
          record.version(),
          record.cause().name().toLowerCase(Locale.ROOT),
          RowView.table(row),
          RowView.key(row),
          RowView.of(record.before()),
          RowView.of(record.after()));
    }
  }

  /// @param sinceMillis what was asked for
  static ChangesView of(
      ChangeRing.Page page, long sinceMillis, Predicate<ChangeRecord> wanted, int limit) {
    List<ChangeRecord> match = page.records().stream().filter(wanted).toList();
    List<ChangeRecord> newest = match.subList(Math.max(0, match.size() - limit), match.size());
    return new ChangesView(
        page.completeSinceMillis(),
        page.completeSinceMillis() <= sinceMillis,
        match.size(),
        match.size() > limit,
        newest.stream().map(Changed::of).toList());
  }
}
