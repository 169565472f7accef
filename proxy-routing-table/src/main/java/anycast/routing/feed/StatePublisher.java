package anycast.routing.feed;

import anycast.routing.model.InstanceHealth;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// What a process tells the fleet of itself, whichever way state is written: its node, a worker's
/// instances, and a beat every second.
///
/// A worker writes where an instance is; whether it runs is said by whoever operates it. So an
/// instance that was stopped in state stays stopped when its worker restarts: `state` is written
/// with a new row only, and a row that says the same already is not touched.
///
/// **Threading.** Writes on threads of its own, which block on state; no event loop waits for them.
/// [#awaitPublished] and [#withdraw] wait. **Faults.** State that cannot be written is tried again,
/// at growing, jittered distances; others go on with what they know.
public interface StatePublisher extends AutoCloseable {
  /// Begins to write. Called once.
  void start();

  /// Waits until the rows stand in state.
  ///
  /// @return false where `timeout` passed first
  boolean awaitPublished(Duration timeout) throws InterruptedException;

  boolean isPublished();

  /// What this node's checks found: all rows of it, each time that one changes. Written with the
  /// next beat; rows of this node that are not among these are taken out. Until the first call,
  /// rows stay as they stand, so that a worker that starts again says nothing that it does not
  /// know.
  ///
  /// **Threading.** Any thread; does not wait.
  void health(List<InstanceHealth> rows);

  /// What this node keeps out of force, to be asked with each beat: all rows of it, the newest
  /// first. [RejectPace] says which are written when; rows of this node that are not among these
  /// are taken out. Until this is called, rows stay as they stand. A row that cannot be written
  /// does not hold up beats.
  ///
  /// **Threading.** Called once, before [#start]; `rows` is asked on the writing thread and does
  /// not wait. **Limits.** Of [RejectPace].
  void rejects(Supplier<List<RejectRow>> rows);

  /// Stops writing and takes the node with its beat out of state, so that others are chosen before
  /// this one refuses; gives up quietly where state does not answer.
  void withdraw(Duration timeout) throws InterruptedException;

  /// Stops writing, and lets go of the connections to state.
  @Override
  void close();
}
