package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.FollowedState;
import anycast.routing.admission.FlightNotes;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Surroundings;
import anycast.routing.model.Entity;
import anycast.routing.time.Progress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// All that watches over a process, assembled: what watches its threads, what records their work,
/// and what tells the outside.
///
/// **Threading.** One thread opens and closes it; the rest is for any.
public final class Vitals implements AutoCloseable {
  private final Flight flight;
  private final Guard guard;
  private final Herald herald;

  private Vitals(Flight flight, Guard guard, Herald herald) {
    this.flight = flight;
    this.guard = guard;
    this.herald = herald;
  }

  /// Reads how the process before ended, and begins to watch the loops.
  ///
  /// @param name of this process in files and messages: its node
  /// @param clock the wall's, for what people read and for what outlives the process
  public static Vitals open(
      VitalsConfig config, String name, EventLoops loops, Counters counters, InstantSource clock) {
    int count = loops.loops().size();
    loops.descriptors().countIn(counters.shared());
    Flight flight = Flight.open(config.directory(), name, count, loops.ticker(), clock);
    for (int i = 0; i < count; i++) {
      FlightSlot slot = flight.loop(i);
      loops.loops().get(i).execute(() -> flight.take(slot));
    }
    Guard guard = Guard.open(config, name, loops, counters, flight, clock);
    Herald herald =
        Herald.open(
            guard, System.getenv(), ProcessHandle.current().pid(), counters, loops.ticker());
    return new Vitals(flight, guard, herald);
  }

  /// Where each thread writes what it works on.
  public Flight flight() {
    return flight;
  }

  /// How the process before this one ended.
  public LastEnd lastEnd() {
    return flight.lastEnd();
  }

  /// Watches a thread that beats at least every 250 ms, idle or not. Its stalls are told and never
  /// end the process: only a loop's do. A thread that has ended is watched no more; a second one of
  /// the same name takes its place.
  public void watch(String name, Thread thread, Progress progress) {
    guard.watch(name, thread, progress);
  }

  /// Where a thread that compiles writes what it works on.
  public FlightNotes compilerNotes() {
    return flight.compilerNotes();
  }

  /// What admission and the routing table want of this process.
  ///
  /// @param faults whether documents may have built-in faults
  /// @param own rows of the process' own
  public FollowedState.Setting setting(boolean faults, List<? extends Entity> own) {
    return new FollowedState.Setting(
        new Surroundings(
            lastEnd(),
            compilerNotes(),
            (compiler, progress) -> watch("compiler", compiler, progress),
            this::well,
            faults),
        own,
        flight::published);
  }

  /// The admin page `/watchdog`, to serve beside others.
  public Map<String, AdminAnswer> pages() {
    return guard.pages(herald::canary);
  }

  /// Why the process is not ready; empty where all is well.
  public List<String> reasons() {
    return herald.reasons();
  }

  /// Whether all threads make progress and the last canary came back: one good beat of a soak.
  public boolean well() {
    return herald.well();
  }

  /// From now on requests go through these listeners, and [#well] wants them back.
  public void canary(List<Canary.Way> ways) {
    herald.canary(ways);
  }

  /// The process serves from now on.
  public void ready() {
    herald.ready();
  }

  /// The process stops in order, within `limit`: whatever was under way is not to blame.
  public void stopping(Duration limit) {
    herald.stopping(limit);
    flight.stopping();
  }

  @Override
  public void close() {
    herald.close();
    guard.close();
    flight.close();
  }
}
