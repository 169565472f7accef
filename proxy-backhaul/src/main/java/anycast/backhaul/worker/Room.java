package anycast.backhaul.worker;

import anycast.routing.model.InstanceId;
import anycast.routing.pick.Load;
import java.util.concurrent.atomic.AtomicInteger;

/// Room at one instance: who is in, and how many wait to be let in.
///
/// In and out is a matter of atomic counts, from any loop. Who waits is kept by [Rooms] on one
/// loop; here is only how many they are, so that nobody overtakes them and whoever leaves knows
/// that somebody has to be let in:
///
/// ```
///   who waits                      who leaves
///   1. waiting + 1                 1. in - 1
///   2. is there a place?           2. does anybody wait?
/// ```
///
/// Both numbers are sequentially consistent, so at least one of the two sees the other: no place
/// stays free beside somebody who waits for it.
///
/// **Threading.** Any loop.
final class Room {
  /// Of the old latency in the new one; as much as a round trip of TCP (RFC 6298 §2).
  private static final int SMOOTHING = 8;

  /// A latency that no answer has confirmed for as long, or for the time of four answers, is
  /// unknown: who was slow once and is left alone for it would never be found fast again.
  private static final long CONFIRMED_NANOS = 3_000_000_000L;

  private static final int CONFIRMED_ANSWERS = 4;

  private final InstanceId instance;
  private final Load load;
  private final AtomicInteger waiting = new AtomicInteger();

  /// Written by all loops; a lost sample does not matter.
  private volatile long latencyNanos = -1;

  private volatile long answeredNanos;

  Room(InstanceId instance, Load load) {
    this.instance = instance;
    this.load = load;
  }

  InstanceId instance() {
    return instance;
  }

  Load load() {
    return load;
  }

  int inFlight() {
    return load.inFlight();
  }

  int waiting() {
    return waiting.get();
  }

  /// To the response's head, smoothed; -1 before the first, and when the last was long ago.
  long latencyNanos(long nowNanos) {
    long known = latencyNanos;
    long heldNanos = Math.max(CONFIRMED_NANOS, CONFIRMED_ANSWERS * known);
    return known < 0 || nowNanos - answeredNanos > heldNanos ? -1 : known;
  }

  void answered(long nanos, long nowNanos) {
    long before = latencyNanos(nowNanos);
    answeredNanos = nowNanos;
    latencyNanos = before < 0 ? nanos : before + (nanos - before) / SMOOTHING;
  }

  /// In, unless it is full or somebody waits.
  ///
  /// @param limit 0 = none
  boolean tryEnter(int limit) {
    return (limit <= 0 || waiting.get() == 0) && load.tryBegin(limit);
  }

  /// In, from the line.
  boolean tryAdmit(int limit) {
    return load.tryBegin(limit);
  }

  /// One more waits: before it looks for a place.
  void waits() {
    waiting.incrementAndGet();
  }

  void waitsNoMore() {
    waiting.decrementAndGet();
  }

  /// Out.
  ///
  /// @return whether somebody has to be let in
  boolean leave() {
    load.end();
    return waiting.get() > 0;
  }
}
