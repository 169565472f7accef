package anycast.backhaul.worker;

import anycast.backhaul.link.LoadEdition;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.routing.feed.LoadChannel;
import anycast.routing.feed.LoadLines;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.Reserved;
import anycast.routing.pick.Candidate;
import anycast.routing.table.RoutingTable;
import anycast.routing.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks four times a second how busy the instances are: for the edges' streams, and for a channel
/// that reaches edges without a link.
///
/// **Threading.** A thread of its own; [#edition] from anywhere. **Limits.** A message on the
/// channel has [#MAX_MESSAGE] bytes.
final class LoadReporter implements AutoCloseable {
  private static final long PERIOD_MILLIS = 250;

  /// NATS takes 1 MiB as a rule.
  private static final int MAX_MESSAGE = 256 << 10;

  /// Editions after which the channel hears everything: ten seconds.
  private static final int EDITIONS_A_FULL = 40;

  /// A latency that moved by less than an eighth is no news.
  private static final int NOTEWORTHY = 8;

  private static final Logger LOG = LoggerFactory.getLogger(LoadReporter.class);

  private final Rooms rooms;
  private final RoutingTable table;
  private final NodeId self;
  private final Optional<LoadChannel> channel;
  private final CounterCell counters;
  private final Ticker ticker;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("load-reports").daemon(true).factory());

  private volatile LoadEdition edition = LoadEdition.NONE;

  // The thread's.
  private Map<InstanceId, Seen> seen = new HashMap<>();

  private record Seen(int inFlight, int queued, long latencyNanos, LoadEdition.Line line) {}

  /// @param counters of threads that are not loops
  LoadReporter(
      Rooms rooms,
      RoutingTable table,
      NodeId self,
      Optional<LoadChannel> channel,
      CounterCell counters,
      Ticker ticker) {
    this.rooms = rooms;
    this.table = table;
    this.self = self;
    this.channel = channel;
    this.counters = counters;
    this.ticker = ticker;
  }

  void start() {
    thread.scheduleWithFixedDelay(
        () -> {
          try {
            look();
          } catch (RuntimeException e) {
            LOG.error("loads were not reported, and are the next time", e);
          }
        },
        PERIOD_MILLIS,
        PERIOD_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  /// The newest.
  LoadEdition edition() {
    return edition;
  }

  /// Makes the next edition and tells it.
  private void look() {
    rooms.keep(this::isMine);
    long number = edition.number() + 1;
    Map<InstanceId, Seen> now = new HashMap<>();
    List<LoadEdition.Line> lines = new ArrayList<>();
    long nowNanos = ticker.nanos();
    rooms.each(room -> {
      if (room.instance().equals(Reserved.INSTANCE)) {
        return;
      }
      Seen one = look(room, room.latencyNanos(nowNanos), seen.get(room.instance()), number);
      now.put(room.instance(), one);
      lines.add(one.line());
    });
    seen = now;
    edition = new LoadEdition(number, lines);
    channel.ifPresent(to -> tell(to, number % EDITIONS_A_FULL == 0 ? 0 : number - 1));
  }

  private boolean isMine(InstanceId instance) {
    Candidate candidate = table.current().instance(instance);
    return candidate != null && candidate.instance().node().equals(self);
  }

  private static Seen look(Room room, long latencyNanos, Seen before, long number) {
    int inFlight = room.inFlight();
    int queued = room.waiting();
    boolean same =
        before != null
            && before.inFlight == inFlight
            && before.queued == queued
            && Math.abs(before.latencyNanos - latencyNanos) <= before.latencyNanos / NOTEWORTHY;
    if (same) {
      return before;
    }
    StringBuilder text = new StringBuilder(64);
    LoadLines.append(text, room.instance(), inFlight, queued, latencyNanos);
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    return new Seen(inFlight, queued, latencyNanos, new LoadEdition.Line(bytes, number));
  }

  private void tell(LoadChannel to, long since) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (LoadEdition.Line line : edition.lines()) {
      if (line.changed() > since) {
        if (message.size() + line.text().length > MAX_MESSAGE) {
          send(to, message);
        }
        message.writeBytes(line.text());
      }
    }
    if (message.size() > 0) {
      send(to, message);
    }
  }

  private void send(LoadChannel to, ByteArrayOutputStream message) {
    counters.add(Counter.LOAD_REPORTS_SENT);
    to.tell(message.toByteArray());
    message.reset();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    channel.ifPresent(LoadChannel::close);
  }
}
