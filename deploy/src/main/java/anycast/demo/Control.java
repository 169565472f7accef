package anycast.demo;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// What a [DemoApp] was told to be from now on, by `/control`: whether its health check passes, the
/// lag that it tells there, and how long it takes for each answer.
///
/// **Threading.** Any thread; each word stands for itself.
final class Control {
  private volatile boolean failing;
  private final LongAdder requests = new LongAdder();
  private volatile long lag;
  private volatile long delayMillis;

  /// Takes what a query says, `health=fail`, `health=ok`, `lag=N`, `delay=MS`; what it leaves out
  /// stays.
  void take(Map<String, List<String>> query) {
    if (query.containsKey("health")) {
      failing = query.get("health").getFirst().equals("fail");
    }
    lag = Answers.number(query, "lag", lag);
    delayMillis = Answers.number(query, "delay", delayMillis);
  }

  /// Counts what is asked for beside checks and control.
  void onRequest(String path) {
    if (!path.equals("/health") && !path.equals("/control")) {
      requests.increment();
    }
  }

  boolean failing() {
    return failing;
  }

  long lag() {
    return lag;
  }

  long delayMillis() {
    return delayMillis;
  }

  String json() {
    return "{\"health\":\"%s\",\"replication\":{\"lag\":%d},\"delay_ms\":%d,\"requests\":%d}\n"
        .formatted(failing ? "fail" : "ok", lag, delayMillis, requests.sum());
  }
}
