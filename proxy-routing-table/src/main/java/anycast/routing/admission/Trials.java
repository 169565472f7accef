package anycast.routing.admission;

import java.util.Comparator;
import java.util.List;

/// Who is tried next: entries that something speaks against by name, one at a time; then of those
/// that were on trial at the latest end, half.
///
/// A half that soaks is innocent, so the guilty one is in the other half, which is halved in turn;
/// a half that ends the process is the next to be halved. So `k` suspects take about log2(k)
/// trials, whether they end well or not.
final class Trials {
  private Trials() {}

  /// @param suspects that could be tried, in the order of their coming
  static List<JournalRecord.Pending> next(List<JournalRecord.Pending> suspects) {
    List<JournalRecord.Pending> single =
        suspects.stream()
            .filter(entry -> entry.suspicion().single())
            .sorted(
                Comparator.comparingInt(
                    (JournalRecord.Pending entry) -> -entry.suspicion().aloneHalves()))
            .limit(1)
            .toList();
    if (!single.isEmpty()) {
      return single;
    }
    long hottest = suspects.stream().mapToLong(entry -> entry.suspicion().group()).max().orElse(0);
    List<JournalRecord.Pending> group =
        suspects.stream().filter(entry -> entry.suspicion().group() == hottest).toList();
    return group.subList(0, (group.size() + 1) / 2);
  }
}
