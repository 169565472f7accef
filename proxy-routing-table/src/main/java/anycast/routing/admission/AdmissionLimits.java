package anycast.routing.admission;

import java.time.Duration;

/// How much is asked of an update.
///
/// @param entryBudget time of the compiler for one entry, of its own CPU or blocked
/// @param soak how long all must be well after an update until it is stable
/// @param quarantine how long an entry is kept out
/// @param firstShare share of instances, above 0 and at most 1, that take a change of rules at
///   once; the others after `firstSoak`
/// @param firstSoak how long the first ones are watched
public record AdmissionLimits(
    Duration entryBudget,
    Duration soak,
    Duration quarantine,
    double firstShare,
    Duration firstSoak) {
  /// A quarter of a second is a thousand times what a usual document takes. Half a minute covers a
  /// watchdog's patience many times. A day is long enough for an author to be asked.
  public static final AdmissionLimits STANDARD =
      new AdmissionLimits(
          Duration.ofMillis(250),
          Duration.ofSeconds(30),
          Duration.ofHours(24),
          1.0,
          Duration.ofSeconds(60));
}
