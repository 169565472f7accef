package anycast.routing.admission;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// What a process says about how it admits updates.
///
/// @param directory of journal and quarantine; empty = both live in memory only
/// @param lastEnd how the process before ended
/// @param notes where the compiler writes what it works on
/// @param watch told which thread compiles
/// @param well asked once a second: whether this process does its work
/// @param faults whether documents may have built-in faults
public record AdmissionTerms(
    Optional<Path> directory,
    AdmissionLimits limits,
    LastEnd lastEnd,
    FlightNotes notes,
    CompilerThread.Watch watch,
    BooleanSupplier well,
    boolean faults) {
  /// In memory, with nobody around: for tools and tests.
  public static final AdmissionTerms ALONE =
      new AdmissionTerms(
          Optional.empty(),
          AdmissionLimits.STANDARD,
          LastEnd.NONE,
          FlightNotes.NONE,
          CompilerThread.Watch.NOBODY,
          () -> true,
          false);
}
