package anycast.backhaul.runtime;

import anycast.routing.admission.AdmissionLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The configuration block `admission`, which every process has and none needs, and `faults`.
///
/// @param directory where the journal and the quarantine are kept; empty = a restart knows nothing
///   of what was applied before it
/// @param faults whether documents may have built-in faults: for drills only
public record AdmissionConfig(Optional<Path> directory, AdmissionLimits limits, boolean faults) {
  /// What `faults` may say.
  private enum Faults {
    ENABLED,
    DISABLED
  }

  /// Without built-in faults.
  public AdmissionConfig(Optional<Path> directory, AdmissionLimits limits) {
    this(directory, limits, false);
  }

  /// Nothing is kept on disk, and all else is usual.
  public static final AdmissionConfig STANDARD =
      new AdmissionConfig(Optional.empty(), AdmissionLimits.STANDARD);

  /// Below, a busy host's scheduler would quarantine innocents; above, a feed stands still for
  /// longer than its peers forgive.
  private static final Duration LEAST_BUDGET = Duration.ofMillis(10);

  private static final Duration MOST_BUDGET = Duration.ofSeconds(10);

  /// Reads the optional block `admission` and the key `faults` of `root`.
  ///
  /// @param lastGood a directory that is taken
  static AdmissionConfig read(ConfigBlock root, Optional<Path> lastGood) {
    AdmissionLimits usual = AdmissionLimits.STANDARD;
    ConfigBlock block = root.optionalBlock("admission");
    Duration budget = block.positive("budget", usual.entryBudget());
    if (budget.compareTo(LEAST_BUDGET) < 0 || budget.compareTo(MOST_BUDGET) > 0) {
      block.note("budget", "wants 10ms to 10s");
      budget = usual.entryBudget();
    }
    Optional<Path> directory = Optional.ofNullable(block.path("directory", null));
    if (directory.isPresent() && directory.equals(lastGood)) {
      block.note("directory", "wants one of its own, not that of last_good");
    }
    return new AdmissionConfig(
        directory,
        new AdmissionLimits(
            budget,
            block.positive("soak", usual.soak()),
            block.positive("quarantine", usual.quarantine()),
            block.parsed("first_share", StateConfig::percent, usual.firstShare()),
            block.positive("first_soak", usual.firstSoak())),
        root.choice("faults", Faults.class, Faults.DISABLED) == Faults.ENABLED);
  }
}
