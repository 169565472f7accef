package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.runtime.LogText;
import anycast.routing.model.Instance;
import anycast.routing.pick.Candidate;
import java.util.List;

/// One exchange that has ended, as an operator is shown it. Holds nothing but short texts and
/// numbers: what a client sent is escaped and cut, and heads with their fields are let go.
///
/// @param atMs wall clock at its end
/// @param rule of a virtual service that decided; empty where none did
/// @param decided candidates of the plan, in its order, as `instance@node`
/// @param result how it ended
public record ExchangeView(
    long atMs,
    String id,
    Asked asked,
    String rule,
    List<String> decided,
    List<Try> tries,
    Result result) {
  /// What was asked.
  ///
  /// @param client address of the peer that the edge accepted
  /// @param port public port it came in on
  public record Asked(
      String method,
      String host,
      String path,
      String client,
      int port,
      boolean tls,
      String httpVersion) {}

  /// One attempt.
  ///
  /// @param outcome a fault's code, an answer's status, or `-` where it was given up for another
  /// @param sentence what that means
  /// @param micros to the answer's head, or to its end
  public record Try(String instance, String node, String outcome, String sentence, long micros) {}

  /// @param status that the client was sent; 0 = none
  /// @param code of the fault; empty where it went well
  /// @param sentence of the fault
  /// @param detail of the fault
  /// @param firstUs from arrival to the response's head; -1 where none came
  public record Result(
      int status,
      String code,
      String sentence,
      String detail,
      long requestBytes,
      long responseBytes,
      long firstUs,
      long totalUs) {}

  static ExchangeView of(ExchangeRecord entry, long atMs) {
    Arrival arrival = entry.arrival();
    var head = entry.head();
    Asked asked =
        new Asked(
            LogText.escape(head.method()),
            LogText.escape(head.authority()),
            LogText.escape(head.path()),
            arrival.client().getHostAddress(),
            arrival.port(),
            arrival.tls(),
            arrival.httpVersion());
    return new ExchangeView(
        atMs,
        LogText.escape(arrival.id()),
        asked,
        LogText.escape(entry.rule()),
        entry.decided().stream().map(ExchangeView::place).toList(),
        entry.tries().stream().map(ExchangeView::shown).toList(),
        result(entry));
  }

  private static String place(Candidate candidate) {
    Instance instance = candidate.instance();
    return instance.id() + "@" + instance.node();
  }

  private static Try shown(Tried tried) {
    Instance instance = tried.candidate().instance();
    Fault fault = tried.fault();
    String sentence;
    if (fault != null) {
      sentence = sentence(fault);
    } else if (tried.status() == 0) {
      sentence = "given up: another answered, or the client left";
    } else {
      sentence = "answered";
    }
    return new Try(
        instance.id().value(),
        instance.node().value(),
        tried.outcome(),
        sentence,
        tried.nanos() / 1000);
  }

  private static String sentence(Fault fault) {
    String said = fault.kind().sentence();
    return fault.detail().isEmpty() ? said : said + ": " + LogText.escape(fault.detail());
  }

  private static Result result(ExchangeRecord entry) {
    Fault fault = entry.fault();
    ExchangeRecord.Measure measure = entry.measure();
    return new Result(
        entry.status(),
        fault == null ? "" : fault.kind().code(),
        fault == null ? "" : fault.kind().sentence(),
        fault == null ? "" : LogText.escape(fault.detail()),
        measure.requestBytes(),
        measure.responseBytes(),
        measure.firstByteNanos() < 0 ? -1 : measure.firstByteNanos() / 1000,
        measure.totalNanos() / 1000);
  }
}
