package anycast.routing.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/// One connection's bytes from an agent to a consumer: in order, late, cut anywhere into chunks,
/// and as reliable as TCP is: what arrives is right, but nobody promises that it arrives, or that
/// the other end ever hears that it does not.
///
/// ```
///  agent ──write──► [in flight: at most a window] ──latency──► consumer
///                        │ held while partitioned, dropped for ever once half open
/// ```
final class Pipe {
  /// The consumer's side.
  interface Receiver {
    /// Whether it reads on now; [Pipe#resume] tells when it does again.
    boolean ready();

    void bytes(byte[] bytes, int start, int length);

    void end(How how);
  }

  /// How a connection ends.
  enum How {
    CLEAN,
    RESET
  }

  /// As much as the kernels on both sides hold; small, so that slow readers are soon noticed.
  private static final int WINDOW_BYTES = 8 * 1024;

  private static final Duration LEAST_LATENCY = Duration.ofNanos(200_000);
  private static final Duration MOST_LATENCY = Duration.ofMillis(80);

  private final Agenda agenda;
  private final Chance chance;
  private final Receiver receiver;
  private final Deque<byte[]> inFlight = new ArrayDeque<>();
  private Runnable onRoom = () -> {};
  private Runnable onGone = () -> {};
  private int inFlightBytes;
  private How ending;
  private boolean over;
  private boolean held;
  private boolean silent;
  private boolean truncating;
  private boolean arriving;

  Pipe(Agenda agenda, Chance chance, Receiver receiver) {
    this.agenda = agenda;
    this.chance = chance;
    this.receiver = receiver;
  }

  /// @param onRoom there is room again
  /// @param onGone the consumer closed
  void agent(Runnable onRoom, Runnable onGone) {
    this.onRoom = onRoom;
    this.onGone = onGone;
  }

  boolean room() {
    return inFlightBytes < WINDOW_BYTES;
  }

  boolean over() {
    return over;
  }

  void write(byte[] bytes) {
    if (over || ending != null) {
      return;
    }
    inFlight.add(bytes);
    inFlightBytes += bytes.length;
    arrive();
  }

  /// The agent ends the stream; what is in flight arrives first where the end is clean.
  void endFromAgent(How how) {
    if (over || ending != null) {
      return;
    }
    ending = how;
    arrive();
  }

  /// The consumer closes.
  void close() {
    if (!over) {
      over = true;
      inFlight.clear();
      agenda.in(latency(), onGone);
    }
  }

  /// Nothing arrives until [#release].
  void hold() {
    held = true;
  }

  void release() {
    held = false;
    arrive();
  }

  /// The consumer reads on.
  void resume() {
    arrive();
  }

  /// The other end is gone, and no packet says so.
  void fallSilent() {
    silent = true;
  }

  /// The next chunk arrives in part, and is the last.
  void truncate() {
    truncating = true;
    arrive();
  }

  /// Something between resets the connection, for both.
  void reset() {
    if (over) {
      return;
    }
    over = true;
    inFlight.clear();
    agenda.in(latency(), onGone);
    if (!silent) {
      receiver.end(How.RESET);
    }
  }

  private long latency() {
    return chance.skewedNanos(LEAST_LATENCY, MOST_LATENCY);
  }

  private void arrive() {
    if (!arriving
        && receiver.ready()
        && !held
        && !silent
        && !over
        && (!inFlight.isEmpty() || ending != null)) {
      arriving = true;
      agenda.in(latency(), this::onArrived);
    }
  }

  private void onArrived() {
    arriving = false;
    if (over || held || silent || !receiver.ready() && ending != How.RESET) {
      return;
    }
    if (ending == How.RESET) {
      over = true;
      receiver.end(How.RESET);
      return;
    }
    byte[] bytes = taken();
    if (truncating) {
      deliver(bytes, bytes.length == 0 ? 0 : chance.below(bytes.length));
      if (!over) {
        over = true;
        agenda.in(latency(), onGone);
        receiver.end(chance.oneIn(2) ? How.CLEAN : How.RESET);
      }
      return;
    }
    deliver(bytes, bytes.length);
    if (over) {
      return;
    }
    if (ending == How.CLEAN) {
      over = true;
      receiver.end(How.CLEAN);
      return;
    }
    onRoom.run();
    arrive();
  }

  private byte[] taken() {
    byte[] bytes = new byte[inFlightBytes];
    int length = 0;
    for (byte[] each : inFlight) {
      System.arraycopy(each, 0, bytes, length, each.length);
      length += each.length;
    }
    inFlight.clear();
    inFlightBytes = 0;
    return bytes;
  }

  private void deliver(byte[] bytes, int length) {
    int start = 0;
    while (start < length && !over) {
      int rest = length - start;
      int part = rest > 1 && chance.oneIn(3) ? 1 + chance.below(rest) : rest;
      receiver.bytes(bytes, start, part);
      // a reader that kept the array instead of its content would see this
      Arrays.fill(bytes, start, start + part, (byte) '!');
      start += part;
    }
  }
}
