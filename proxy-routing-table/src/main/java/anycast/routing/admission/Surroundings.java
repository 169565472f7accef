package anycast.routing.admission;

import java.util.function.BooleanSupplier;

/// What admission wants of the process that it works in.
///
/// @param lastEnd how the process before ended
/// @param notes where the compiler writes what it works on
/// @param watch told which thread compiles
/// @param well asked once a second: whether this process does its work
/// @param faults whether documents may have built-in faults
public record Surroundings(
    LastEnd lastEnd,
    FlightNotes notes,
    CompilerThread.Watch watch,
    BooleanSupplier well,
    boolean faults) {
  /// Nobody is around: for tools and tests.
  public static final Surroundings NONE =
      new Surroundings(
          LastEnd.NONE, FlightNotes.NONE, CompilerThread.Watch.NOBODY, () -> true, false);
}
