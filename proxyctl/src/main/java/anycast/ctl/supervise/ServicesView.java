package anycast.ctl.supervise;

import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.HostPort;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The supervisor's pages: `/services`, and `POST /start`, `/stop` and `/restart` with `service=`.
///
/// **Threading.** Admin threads; reads what the supervisor's thread last saw.
record ServicesView(Supervisor supervisor) {
  /// Below the operator's own patience of 2 s.
  private static final int ORDER_MILLIS = 1500;

  /// One service at one moment.
  record Seen(ServiceConfig config, List<HostPort> addresses, ServiceLife.Glimpse glimpse) {}

  /// The page.
  ///
  /// @param pid of the supervisor
  record Services(long pid, List<Row> services) {}

  /// One service.
  ///
  /// @param pid null = no process
  /// @param sinceMs age of its state
  /// @param restarts starts after the first
  /// @param nextStartMs null = it does not wait for one
  record Row(
      String name,
      String kind,
      Integer pid,
      String state,
      long sinceMs,
      String status,
      int restarts,
      Long nextStartMs,
      LastEnd lastEnd,
      List<SocketRow> sockets,
      String log) {}

  /// How its process before ended; null = it is the first.
  ///
  /// @param reason why the supervisor ended it; empty = it ended by itself
  record LastEnd(String how, String reason, long ageMs, long livedMs) {}

  /// A socket that it inherits.
  record SocketRow(String name, String address) {}

  Map<String, AdminAnswer> answers() {
    Map<String, AdminAnswer> answers = new LinkedHashMap<>();
    answers.put("/services", _ -> page());
    answers.put("POST /start", query -> order(query, Event.Order.START));
    answers.put("POST /stop", query -> order(query, Event.Order.STOP));
    answers.put("POST /restart", query -> order(query, Event.Order.RESTART));
    return answers;
  }

  /// What stands in the ready file: `pid`, `admin`, and `services` with the addresses of each by
  /// the socket's name.
  Map<String, Object> ready(Path admin) {
    Map<String, Map<String, String>> addresses = new LinkedHashMap<>();
    for (Seen seen : supervisor.seen()) {
      Map<String, String> own = new LinkedHashMap<>();
      sockets(seen).forEach(socket -> own.put(socket.name(), socket.address()));
      addresses.put(seen.config().name(), own);
    }
    long pid = ProcessHandle.current().pid();
    return Map.of("pid", pid, "admin", admin.toString(), "services", addresses);
  }

  private Services page() {
    long now = supervisor.nowNanos();
    return new Services(
        ProcessHandle.current().pid(),
        supervisor.seen().stream().map(seen -> row(seen, now)).toList());
  }

  private Map<String, String> order(Map<String, String> query, Event.Order order)
      throws InterruptedException {
    String name = query.getOrDefault("service", "");
    try {
      String state = supervisor.ask(name, order).get(ORDER_MILLIS, TimeUnit.MILLISECONDS);
      return Map.of("service", name, "state", state);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the supervisor does not listen now", e);
    }
  }

  private static Row row(Seen seen, long now) {
    ServiceLife.Glimpse glimpse = seen.glimpse();
    boolean waits = glimpse.state() == ServiceState.BACKOFF;
    return new Row(
        seen.config().name(),
        seen.config().kind(),
        glimpse.pid() == 0 ? null : glimpse.pid(),
        glimpse.state().label(),
        millis(now - glimpse.sinceNanos()),
        glimpse.status(),
        Math.max(0, glimpse.starts() - 1),
        waits ? untilDue(glimpse.dueNanos(), now) : null,
        last(glimpse.last(), now),
        sockets(seen),
        seen.config().log().toString());
  }

  private static List<SocketRow> sockets(Seen seen) {
    List<SocketRow> rows = new ArrayList<>();
    for (int i = 0; i < seen.addresses().size(); i++) {
      rows.add(
          new SocketRow(seen.config().sockets().get(i).name(), seen.addresses().get(i).toString()));
    }
    return rows;
  }

  private static Long untilDue(OptionalLong due, long now) {
    return due.isPresent() ? millis(due.getAsLong() - now) : null;
  }

  private static LastEnd last(Optional<ServiceLife.LastRun> last, long now) {
    return last.map(run ->
            new LastEnd(
                run.how(), run.reason(), millis(now - run.atNanos()), millis(run.livedNanos())))
        .orElse(null);
  }

  private static long millis(long nanos) {
    return Math.max(0, nanos / 1_000_000);
  }
}
