package anycast.routing.admission;

/// Where the compiler writes what it works on, so that it can be read when the process is dead.
///
/// **Threading.** The thread that compiles; never waits.
public interface FlightNotes {
  /// Writes nothing.
  FlightNotes NONE = (_, _) -> {};

  /// From now on this entry is worked on.
  ///
  /// @param entry [ContentHash#NONE] with [Stage#IDLE] when the work is over
  void on(ContentHash entry, Stage stage);
}
