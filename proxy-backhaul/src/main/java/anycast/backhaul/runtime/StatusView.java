package anycast.backhaul.runtime;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// What `/status` answers: who this process is, whether it serves, and if not, why. Its components
/// are the keys of the answer, which is why there are more than six.
///
/// @param reasons why it is not ready; empty where it is
/// @param skipped rows of state that could not be used, each with what is wrong with it
/// @param labels of instances that make no route
/// @param state what else of state is worth a line
/// @param quarantine what is not in force although a source says it
public record StatusView(
    Process process,
    boolean ready,
    List<String> reasons,
    List<Listener> listeners,
    TableViews.TableCounts table,
    List<Source> sources,
    List<Skipped> skipped,
    TableViews.LabelProblems labels,
    State state,
    QuarantineView.Line quarantine,
    Exchanges exchanges) {

  /// Puts together what the parts of a process know.
  ///
  /// @param reasons why the process does not serve; empty = it does
  public static StatusView of(
      Process process,
      List<String> reasons,
      List<Listener> listeners,
      TableViews table,
      StateView feed,
      Counters counters) {
    long begun = counters.sum(Counter.EXCHANGES_BEGUN);
    // Summed one after the other while exchanges go on: the difference may be off, not negative.
    long inFlight = Math.max(0, begun - counters.sum(Counter.EXCHANGES_ENDED));
    return new StatusView(
        process,
        reasons.isEmpty(),
        List.copyOf(reasons),
        List.copyOf(listeners),
        table.counts(),
        feed.tables().stream().map(Source::of).toList(),
        feed.skipped().stream().map(Skipped::of).toList(),
        table.labelProblems(),
        State.of(feed),
        feed.quarantine(),
        new Exchanges(inFlight, begun, counters.sum(Counter.EXCHANGES_FAILED)));
  }

  /// @param role `edge` or `worker`
  public record Process(
      String role, String node, String region, long pid, String version, long uptimeS) {
    /// This process.
    public static Process self(String role, String node, String region) {
      ProcessHandle self = ProcessHandle.current();
      String version = StatusView.class.getPackage().getImplementationVersion();
      return new Process(
          role,
          node,
          region,
          self.pid(),
          version == null ? "unpackaged" : version,
          TimeUnit.MILLISECONDS.toSeconds(
              java.lang.management.ManagementFactory.getRuntimeMXBean().getUptime()));
    }
  }

  /// @param address where it is bound
  /// @param port public port that services are matched by
  public record Listener(String name, String address, int port, boolean tls) {}

  /// One table's feed.
  ///
  /// @param ageMs time since the last event; null where there was none
  /// @param lastLoss why its stream was last lost; empty = never
  public record Source(
      String source,
      String table,
      boolean connected,
      long watermark,
      int rows,
      int skipped,
      Long ageMs,
      String lastLoss) {
    static Source of(StateView.Feed table) {
      return new Source(
          table.agent(),
          table.table(),
          table.connected(),
          table.watermark(),
          table.rows(),
          table.skipped(),
          table.ageMs(),
          table.lastLoss());
    }
  }

  /// A row of state that is not in force.
  public record Skipped(String table, String row, String reason) {
    static Skipped of(StateView.Skipped row) {
      return new Skipped(row.table(), row.row(), row.reason());
    }
  }

  /// State as a whole; `/state` has it table by table.
  ///
  /// @param retained rows in force that no stream vouches for
  /// @param lastGood what was read from disk at the start; null = nothing
  /// @param audit the last one; null = none yet
  public record State(
      StateView.Fresh freshness, int retained, StateView.LastGood lastGood, Audit audit) {
    static State of(StateView feed) {
      int retained = 0;
      for (StateView.Feed table : feed.tables()) {
        retained += table.retained() == null ? 0 : table.retained().rows();
      }
      return new State(feed.freshness(), retained, feed.lastGood(), Audit.of(feed.audit()));
    }
  }

  /// @param differences that it found
  public record Audit(long ageMs, long differences) {
    static Audit of(StateView.Audit audit) {
      return audit == null ? null : new Audit(audit.ageMs(), audit.differences());
    }
  }

  /// @param total begun since the start
  public record Exchanges(long inFlight, long total, long failed) {}
}
