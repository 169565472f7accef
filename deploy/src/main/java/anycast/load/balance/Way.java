package anycast.load.balance;

/// One way of choosing instances, for all edges of a run: each keeps what an edge of its kind would
/// know.
interface Way {
  /// Opens one request's choices.
  ///
  /// @param random 64 random bits
  Attempts begin(int edge, long nowNanos, long random);

  /// Candidates for one request, one after the other.
  interface Attempts {
    /// The instance for the next attempt; -1 = nobody is left.
    int next();
  }

  void onBegin(int edge, int instance);

  /// @param reported exchanges on the instance; -1 where no word came
  void onEnd(int edge, int instance, Told told, long nowNanos);

  /// What an attempt brought back.
  ///
  /// @param ending null where nothing came back
  /// @param latencyNanos at the edge
  /// @param inFlight on the instance; -1 where nothing came back
  record Told(Server.Ending ending, long latencyNanos, int inFlight, long appNanos) {}

  /// Loads of all instances as they were a while ago.
  void onReports(int edge, int[] inFlight, long[] appNanos, long nowNanos);

  void onState(int edge, int instance, boolean up);

  /// How many attempts a request has.
  default int attempts() {
    return 3;
  }

  /// Whether attempts after the first come out of a budget.
  default boolean budgeted() {
    return true;
  }
}
