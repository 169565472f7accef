package anycast.backhaul.runtime;

import anycast.routing.admission.HeldEntry;
import anycast.routing.admission.QuarantineDesk;
import anycast.routing.admission.QuarantineEntry;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What `/quarantine` answers: what is not in force although a source says it, and why. Ages are
/// reckoned here, so that the reader's clock does not matter.
///
/// @param entries what is kept out, the newest first
/// @param held what waits for its turn, the oldest first; perhaps not all of it
/// @param heldCount how many wait in all
/// @param unstable entries in force that have not soaked yet
/// @param journal `ok`, `off` where no directory is configured, else what is wrong with it
/// @param abandonedThreads compilers that were left behind with an entry that did not end
/// @param rejected entries that were quarantined since the start, by stage
/// @param notes what was found at the start, in sentences
public record QuarantineView(
    List<Entry> entries,
    List<Held> held,
    int heldCount,
    int unstable,
    String journal,
    long abandonedThreads,
    Map<String, Long> rejected,
    List<String> notes) {
  /// What hashes are cut to where no other one begins so: half of a commit's usual seven, twice.
  private static final int SHORT = 8;

  /// Entries that a status names.
  private static final int NAMED = 3;

  static QuarantineView of(QuarantineDesk desk, boolean journaled, long nowMillis) {
    List<QuarantineEntry> kept = desk.entries();
    List<HeldEntry> waiting = desk.held();
    QuarantineDesk.Tally tally = desk.tally();
    int digits = digits(kept, waiting);
    Map<String, Long> rejected = new TreeMap<>();
    tally.rejected().forEach((stage, count) -> rejected.put(word(stage), count));
    return new QuarantineView(
        kept.stream()
            .sorted(Comparator.comparingLong(QuarantineEntry::sinceMillis).reversed())
            .map(entry -> Entry.of(entry, digits, nowMillis))
            .toList(),
        waiting.stream()
            .sorted(Comparator.comparingLong(HeldEntry::sinceMillis))
            .map(entry -> Held.of(entry, digits, nowMillis))
            .toList(),
        Math.max(tally.held(), waiting.size()),
        tally.unstable(),
        journal(tally, journaled),
        tally.abandonedThreads(),
        rejected,
        tally.notes());
  }

  /// One that is kept out.
  ///
  /// @param brief the hash's beginning, as long as it takes to tell all entries apart
  /// @param leftMs time until it may be tried again
  /// @param previousServes whether a version before it is in force
  public record Entry(
      String hash,
      String brief,
      String table,
      String key,
      String stage,
      String reason,
      long sinceMs,
      long ageMs,
      long untilMs,
      long leftMs,
      boolean previousServes) {
    static Entry of(QuarantineEntry entry, int digits, long nowMillis) {
      String hash = entry.hash().toString();
      return new Entry(
          hash,
          hash.substring(0, digits),
          entry.table(),
          entry.key(),
          word(entry.stage()),
          entry.reason(),
          entry.sinceMillis(),
          Math.max(0, nowMillis - entry.sinceMillis()),
          entry.untilMillis(),
          Math.max(0, entry.untilMillis() - nowMillis),
          entry.previousServes());
    }
  }

  /// One that waits.
  ///
  /// @param why `suspect`, `trial`, `part`, `second_wave`, `rejected`, `repeated` or `compiler`
  /// @param reason one sentence
  /// @param untilMs null where nobody knows
  /// @param leftMs null where nobody knows
  public record Held(
      String hash,
      String brief,
      String table,
      String key,
      String why,
      String reason,
      long sinceMs,
      long ageMs,
      Long untilMs,
      Long leftMs) {
    static Held of(HeldEntry entry, int digits, long nowMillis) {
      String hash = entry.hash().toString();
      boolean known = entry.untilMillis() > 0;
      return new Held(
          hash,
          hash.substring(0, digits),
          entry.table(),
          entry.key(),
          word(entry.why()),
          reason(entry),
          entry.sinceMillis(),
          Math.max(0, nowMillis - entry.sinceMillis()),
          known ? entry.untilMillis() : null,
          known ? Math.max(0, entry.untilMillis() - nowMillis) : null);
    }

    private static String reason(HeldEntry entry) {
      if (!entry.detail().isEmpty()) {
        return entry.detail();
      }
      return switch (entry.why()) {
        case SUSPECT -> "it was not stable when the process before ended: it is tried alone";
        case TRIAL -> "suspects are being tried, and nothing else may be new meanwhile";
        case PART ->
            "it came with more than can be tried at once, and processes ended with them: another"
                + " part of them is tried";
        case SECOND_WAVE -> "other instances take it first";
        case REPEATED -> "versions of its row before did harm: each further one waits longer";
        case REJECTED -> "another instance put it in quarantine";
        case COMPILER ->
            "so many compilers hang that no more are risked: tried when one of them ends";
      };
    }
  }

  /// One entry, of either kind, with all that is known of it.
  ///
  /// @param entry null where it is held
  /// @param held null where it is quarantined
  /// @param detail stack or dump; empty where there is none
  /// @param document what it says; null where it is not known any more
  public record Shown(Entry entry, Held held, String detail, String document) {}

  /// An operator's word was taken.
  ///
  /// @param entry as it was
  /// @param next what happens now, in sentences
  public record Released(Entry entry, List<String> next) {}

  /// What a status says of it.
  ///
  /// @param entries how many are kept out
  /// @param named some of them, the newest first
  /// @param held how many wait
  /// @param journal as in [QuarantineView]
  public record Line(int entries, List<Named> named, int held, int unstable, String journal) {
    static Line of(QuarantineDesk desk, boolean journaled) {
      List<QuarantineEntry> kept = desk.entries();
      QuarantineDesk.Tally tally = desk.tally();
      return new Line(
          kept.size(),
          kept.stream()
              .sorted(Comparator.comparingLong(QuarantineEntry::sinceMillis).reversed())
              .limit(NAMED)
              .map(entry -> new Named(entry.table(), entry.key(), entry.reason()))
              .toList(),
          tally.held(),
          tally.unstable(),
          QuarantineView.journal(tally, journaled));
    }
  }

  /// One that is kept out, in short.
  public record Named(String table, String key, String reason) {}

  private static String journal(QuarantineDesk.Tally tally, boolean journaled) {
    return !tally.journal().isEmpty() ? tally.journal() : journaled ? "ok" : "off";
  }

  private static int digits(List<QuarantineEntry> kept, List<HeldEntry> waiting) {
    List<String> hashes =
        Stream.concat(
                kept.stream().map(entry -> entry.hash().toString()),
                waiting.stream().map(entry -> entry.hash().toString()))
            .distinct()
            .sorted()
            .toList();
    int digits = SHORT;
    for (int i = 1; i < hashes.size(); i++) {
      digits = Math.max(digits, 1 + alike(hashes.get(i - 1), hashes.get(i)));
    }
    return digits;
  }

  /// How many digits two hashes have in common from their beginning.
  static int alike(String one, String other) {
    int same = 0;
    while (same < one.length() && same < other.length() && one.charAt(same) == other.charAt(same)) {
      same++;
    }
    return same;
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
