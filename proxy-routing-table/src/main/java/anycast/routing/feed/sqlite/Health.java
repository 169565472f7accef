package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import java.util.Map;

/// How well the store is, in an agent's words: one node that knows no other, so it has no gaps and
/// no lag. An agent without a change from others within two minutes fails here; this one does not.
///
/// **Threading.** Any.
final class Health {
  private static final int GAPS = 0;
  private static final int MEMBERS = 1;
  private static final double P99_LAG_SECONDS = 0.0;
  private static final int UNAVAILABLE = 503;

  private Health() {}

  /// @param queueSize transactions that wait or are in work
  /// @param thresholds as a client gave them: `gaps`, `max_queue`, `p99_lag` with `queue_size`, and
  ///   the `failure_status` for where one is exceeded
  /// @throws IllegalArgumentException where one of them is no number
  static Reply answer(int queueSize, Map<String, String> thresholds) {
    boolean lags =
        exceeds(P99_LAG_SECONDS, "p99_lag", thresholds)
            && (!thresholds.containsKey("queue_size")
                || exceeds(queueSize, "queue_size", thresholds));
    boolean failed =
        exceeds(GAPS, "gaps", thresholds) || exceeds(queueSize, "max_queue", thresholds) || lags;
    double status = number("failure_status", thresholds, UNAVAILABLE);
    if (status != Math.rint(status) || status < 400 || status > 599) {
      throw new IllegalArgumentException("failure_status wants 400 to 599");
    }
    return Reply.json(
        failed ? (int) status : 200,
        "{\"response\":{\"gaps\":%d,\"members\":%d,\"p99_lag\":%s,\"queue_size\":%d}}"
            .formatted(GAPS, MEMBERS, P99_LAG_SECONDS, queueSize));
  }

  private static boolean exceeds(double value, String name, Map<String, String> thresholds) {
    return value > number(name, thresholds, Double.POSITIVE_INFINITY);
  }

  private static double number(String name, Map<String, String> thresholds, double otherwise) {
    String text = thresholds.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException(name + " wants a number, got " + Legible.text(text));
  }
}
