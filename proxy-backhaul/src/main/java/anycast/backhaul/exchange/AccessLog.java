package anycast.backhaul.exchange;

import static anycast.backhaul.runtime.LogText.escape;

import anycast.backhaul.fault.Fault;
import anycast.routing.model.Instance;
import anycast.routing.model.Reserved;
import anycast.routing.pick.Candidate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One line per exchange in `key=value` form; whatever a client sent is escaped and in quotes.
///
/// **Threading.** Event loops call it: the logger behind it must not block. One name for edge and
/// worker, so that one place of the logging configuration sees to that.
public final class AccessLog implements ExchangeLog {
  /// Which exchanges are written down.
  public enum Scope {
    ALL,
    FAULTS,
    NONE
  }

  /// What the logging configuration knows these lines by.
  public static final String LOGGER = "access";

  private static final Logger LINES = LoggerFactory.getLogger(LOGGER);

  private final Scope scope;

  public AccessLog(Scope scope) {
    this.scope = scope;
  }

  @Override
  public boolean wants(boolean faulty) {
    return switch (scope) {
      case ALL -> true;
      case FAULTS -> faulty;
      case NONE -> false;
    };
  }

  @Override
  public void ended(ExchangeRecord entry) {
    if (entry.fault() != null || !isOwn(entry.last())) {
      LINES.info(line(entry));
    }
  }

  /// What a process asks of itself each second is nobody's request.
  private static boolean isOwn(Candidate last) {
    return last != null && last.instance().id().equals(Reserved.INSTANCE);
  }

  static String line(ExchangeRecord entry) {
    StringBuilder line = new StringBuilder(256);
    var head = entry.head();
    var measure = entry.measure();
    line.append("id=").append(escape(entry.arrival().id()));
    line.append(" client=").append(entry.arrival().client().getHostAddress());
    line.append(" status=").append(entry.status());
    line.append(" method=\"").append(escape(head.method())).append('"');
    line.append(" host=\"").append(escape(head.authority())).append('"');
    line.append(" path=\"").append(escape(head.path())).append('"');
    Candidate last = entry.last();
    line.append(" instance=").append(last == null ? "-" : last.instance().id());
    line.append(" node=").append(last == null ? "-" : last.instance().node());
    line.append(" attempts=").append(entry.attempts());
    tries(entry, line);
    line.append(" in=").append(measure.requestBytes());
    line.append(" out=").append(measure.responseBytes());
    line.append(" first_us=").append(measure.firstByteNanos() / 1000);
    line.append(" total_us=").append(measure.totalNanos() / 1000);
    Fault fault = entry.fault();
    if (fault != null) {
      line.append(" code=").append(fault.kind().code());
      line.append(" fault=\"").append(fault.kind().sentence()).append('"');
      line.append(" detail=\"").append(escape(fault.detail())).append('"');
    }
    return line.toString();
  }

  /// As `hello-1@wrk-fra-1:PL02:1ms,hello-2@wrk-fra-2:200:12ms`; nothing for the usual one that
  /// answered.
  private static void tries(ExchangeRecord entry, StringBuilder line) {
    List<Tried> tries = entry.tries();
    if (tries.isEmpty() || tries.size() == 1 && tries.getFirst().fault() == null) {
      return;
    }
    char before = '"';
    line.append(" tries=");
    for (Tried tried : tries) {
      Instance instance = tried.candidate().instance();
      line.append(before).append(instance.id()).append('@').append(instance.node());
      line.append(':').append(tried.outcome());
      line.append(':').append(TimeUnit.NANOSECONDS.toMillis(tried.nanos())).append("ms");
      before = ',';
    }
    line.append('"');
  }
}
