package anycast.routing.feed;

import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import anycast.routing.table.RoutingSnapshot;

/// What workers report of their instances, as text: a line an instance.
///
/// ```
/// hello-1 12 3 1250
/// id      |  | the app's own latency in microseconds; 0 = unknown
///         |  requests that wait for room
///         requests on it
/// ```
///
/// **Threading.** Pure. **Limits.** A line of [#MAX_LINE] bytes; numbers of ten digits.
public final class LoadLines {
  /// An id of 253 characters, three numbers, the spaces between and the end.
  public static final int MAX_LINE = 253 + 3 * 11 + 1;

  private static final long MALFORMED = -1;
  private static final long MAX_NUMBER = 4_000_000_000L;
  private static final long NANOS_A_MICRO = 1_000;

  private LoadLines() {}

  /// Adds one line.
  ///
  /// @param latencyNanos -1 where unknown
  public static void append(
      StringBuilder into, InstanceId instance, int inFlight, int queued, long latencyNanos) {
    into.append(instance.value()).append(' ');
    appendNumbers(into, inFlight, queued, latencyNanos);
    into.append('\n');
  }

  /// The three numbers alone, for a header field.
  public static void appendNumbers(
      StringBuilder into, int inFlight, int queued, long latencyNanos) {
    into.append(Math.max(0, inFlight)).append(' ').append(Math.max(0, queued)).append(' ');
    // less than a microsecond is known, too
    long micros = latencyNanos < 0 ? 0 : Math.max(1, latencyNanos / NANOS_A_MICRO);
    into.append(Math.min(MAX_NUMBER, micros));
  }

  /// Gives the whole lines of these bytes to the instances that they name. Who is not `from`'s is
  /// not listened to: a worker speaks for its own.
  ///
  /// @return how many bytes were read, up to the end of the last whole line; -1 where a line is not
  ///   as [#append] writes it
  public static int apply(
      RoutingSnapshot now, NodeId from, byte[] bytes, int start, int end, long nowNanos) {
    int at = start;
    for (int i = start; i < end; i++) {
      if (bytes[i] == '\n') {
        if (i - at >= MAX_LINE || !line(now, from, bytes, at, i, nowNanos)) {
          return (int) MALFORMED;
        }
        at = i + 1;
      }
    }
    return end - at >= MAX_LINE ? (int) MALFORMED : at - start;
  }

  private static boolean line(
      RoutingSnapshot now, NodeId from, byte[] bytes, int start, int end, long nowNanos) {
    int space = start;
    while (space < end && bytes[space] != ' ') {
      space++;
    }
    if (space == start || space == end) {
      return false;
    }
    Candidate candidate = now.instance(bytes, start, space - start);
    boolean listened = candidate != null && candidate.instance().node().equals(from);
    return numbers(listened ? candidate.load() : null, bytes, space + 1, end, nowNanos);
  }

  /// Reads three numbers and gives them to the load.
  ///
  /// @param load null = only look whether they are numbers
  /// @return whether they are
  public static boolean numbers(Load load, byte[] bytes, int start, int end, long nowNanos) {
    int first = nextSpace(bytes, start, end);
    int second = nextSpace(bytes, first + 1, end);
    if (first >= end || second >= end) {
      return false;
    }
    long inFlight = number(bytes, start, first);
    long queued = number(bytes, first + 1, second);
    long micros = number(bytes, second + 1, end);
    if (inFlight < 0 || queued < 0 || micros < 0) {
      return false;
    }
    if (load != null) {
      load.onReport(
          (int) Math.min(Integer.MAX_VALUE, inFlight),
          (int) Math.min(Integer.MAX_VALUE, queued),
          micros == 0 ? -1 : micros * NANOS_A_MICRO,
          nowNanos);
    }
    return true;
  }

  private static int nextSpace(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && bytes[at] != ' ') {
      at++;
    }
    return at;
  }

  private static long number(byte[] bytes, int start, int end) {
    if (start >= end || end - start > 10) {
      return MALFORMED;
    }
    long value = 0;
    for (int i = start; i < end; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return MALFORMED;
      }
      value = value * 10 + digit;
    }
    return value > MAX_NUMBER ? MALFORMED : value;
  }
}
