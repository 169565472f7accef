package anycast.routing.feed.corrosion;

import anycast.routing.feed.Cells;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.StateSource.Sink;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.feed.corrosion.Recovery.Position;
import anycast.routing.feed.corrosion.Recovery.Remedy;
import anycast.routing.feed.corrosion.Recovery.Verdict;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// One table's subscription, kept up: what to open, what the bytes say, and what a loss calls for.
///
/// ```
///            Subscribe, 200        columns          eoq          change id = last + 1
///  OPENING ────────────────► HEADED ────► SNAPSHOT ────► LIVE ◄────┐
///     ▲  │                                   ▲           │ ▲ └─────┘
///     │  │                                   └───────────┘ │
///     │  │  Resume, 200                    columns again   │
///     │  └─────────────────────────────────────────────────┘
///     │
///   IDLE ◄── live: clean end, reset, silence, a line cut at its end: Resume
///     ▲  ◄── error line, other change id, no event, end before eoq: Subscribe, at first at once
///     │  ◄── Resume refused by 400, 404 or an error line: Subscribe, at first at once
///     └───── refused otherwise, no connection: the same again, after a wait
/// ```
///
/// The contract behind it is Corrosion's: a clean end is a failure like others; `from=0` would mean
/// a snapshot and is never sent; ids belong to one agent and one subscription; an agent does not
/// tell when something is missing, so every id is checked here; only what stood in a whole line is
/// believed.
///
/// There is no I/O, thread or clock in it: whoever drives it asks [#next], does that, and tells
/// what came of it. Opening, losing and opening again writes nothing anywhere.
///
/// **Threading.** One driver. **Faults.** Never gives up and never throws for what an agent sends;
/// a failure is a [SourceEvent.Lost] with its reason, then a wait that doubles from 100 ms to 5 s
/// with jitter, and begins at 100 ms again after a stream that was live for 5 s.
public final class StreamMachine {
  /// What to do next.
  public sealed interface Step {
    /// Open a stream there; [#onAnswer] or [#onEnd] tells what came of it.
    record Open(URI agent, Request request) implements Step {}

    /// Ask again after that time, above 0.
    record Wait(long nanos) implements Step {}
  }

  /// What to ask an agent for.
  public sealed interface Request {
    /// `POST /v1/subscriptions`: a whole snapshot, then changes.
    record Subscribe(Statement statement) implements Request {}

    /// `GET /v1/subscriptions/{subscription}?from={from}`: what came after that change; above 0.
    record Resume(String subscription, long from) implements Request {}
  }

  /// The head of an agent's answer.
  ///
  /// @param subscription `corro-query-id`; empty = not there
  /// @param queryHash `corro-query-hash`; empty = not there
  /// @param retryAfterSeconds as the agent asked
  /// @param words what an answer other than 200 said, for a person
  public record Answer(
      int status,
      String subscription,
      String queryHash,
      OptionalLong retryAfterSeconds,
      String words) {
    /// A stream that begins.
    public static Answer opened(String subscription, String queryHash) {
      return new Answer(200, subscription, queryHash, OptionalLong.empty(), "");
    }

    /// An answer that is no stream.
    public static Answer refused(int status, String words) {
      return new Answer(status, "", "", OptionalLong.empty(), words);
    }
  }

  /// How a stream, or the attempt to open one, ended.
  public sealed interface Ending {
    /// The agent ended the body in an orderly way.
    record Clean() implements Ending {}

    /// No connection, no answer, a reset, or silence beyond what is waited for.
    record Broken(String words) implements Ending {}

    /// We ended it, for that reason; the next attempt does not wait, unless that was asked for
    /// before and nothing has lasted since.
    record Asked(String why) implements Ending {}

    /// We ended it, for that reason, which is the agent's fault: the next one is asked.
    record Unfit(String why) implements Ending {}
  }

  /// Where a stream is.
  private enum Phase {
    IDLE,
    OPENING,
    HEADED,
    SNAPSHOT,
    LIVE
  }

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~-]{1,128}");

  private final Table table;
  private final Statement statement;
  private final List<String> columns;
  private final Recovery recovery;
  private final Sink sink;

  private Phase phase = Phase.IDLE;
  private LineSplitter lines = new LineSplitter();

  /// What the attempt goes on from; empty = it began with a snapshot.
  private Optional<Position> resumed = Optional.empty();

  private String subscription = "";
  private String queryHash = "";
  private long last;
  private boolean progress;
  private boolean anew;
  private long openedNanos;
  private long liveSinceNanos;

  /// @param statement the canonical SELECT of the table
  /// @param agents in order of preference
  /// @param stickiness how long an agent that worked is tried again before the next one is
  /// @param sink told every event, in the middle of `on…` calls; may block
  public StreamMachine(
      Table table,
      Statement statement,
      List<URI> agents,
      Duration stickiness,
      RandomGenerator random,
      Sink sink) {
    this.table = table;
    this.statement = statement;
    this.columns = table.columns().stream().map(Table.Column::name).toList();
    this.recovery = new Recovery(agents, stickiness, random);
    this.sink = sink;
  }

  /// What to do now.
  ///
  /// @throws IllegalStateException while a stream is open
  public Step next(long nowNanos) {
    if (phase != Phase.IDLE && phase != Phase.OPENING) {
      throw new IllegalStateException("the stream is open: " + phase);
    }
    long wait = recovery.waitNanos(nowNanos);
    if (wait > 0) {
      return new Step.Wait(wait);
    }
    if (anew) {
      anew = false;
      recovery.forget();
    }
    phase = Phase.OPENING;
    openedNanos = nowNanos;
    resumed = recovery.position(nowNanos);
    return new Step.Open(
        recovery.agent(),
        resumed
            .<Request>map(p -> new Request.Resume(p.subscription(), p.last()))
            .orElseGet(() -> new Request.Subscribe(statement)));
  }

  /// Whether the agent owes us bytes: a live stream may be silent, a snapshot may not.
  public boolean owed() {
    return phase == Phase.HEADED || phase == Phase.SNAPSHOT;
  }

  /// Makes the next attempt begin with a snapshot; a wait that is under way ends. A stream that is
  /// open or being opened is to be ended with [Ending.Asked] after this.
  public void resnapshot() {
    anew = true;
    if (phase == Phase.IDLE) {
      recovery.hurry();
    }
  }

  /// The head came.
  ///
  /// @return whether to read its body on; otherwise hang up and ask [#next]
  public boolean onAnswer(Answer answer, long nowNanos) throws InterruptedException {
    lines = new LineSplitter();
    if (answer.status() != 200) {
      onRefusal(answer, nowNanos);
      return false;
    }
    if (resumed.isEmpty()) {
      subscription = named(answer.subscription());
      queryHash = answer.queryHash();
      phase = Phase.HEADED;
      return true;
    }
    Position from = resumed.get();
    if (differs(from.subscription(), answer.subscription())
        || differs(from.queryHash(), answer.queryHash())) {
      lose("it resumed another subscription", Verdict.ANEW_AT_ONCE, nowNanos);
      return false;
    }
    subscription = from.subscription();
    queryHash = from.queryHash();
    last = from.last();
    onLive(nowNanos);
    sink.offer(new SourceEvent.Resumed(table));
    return true;
  }

  /// A name goes into a path; one that does not fit there is as good as none.
  private static String named(String subscription) {
    return NAME.matcher(subscription).matches() ? subscription : "";
  }

  private static boolean differs(String known, String told) {
    return !known.isEmpty() && !told.isEmpty() && !known.equals(told);
  }

  private void onRefusal(Answer answer, long nowNanos) throws InterruptedException {
    int status = answer.status();
    String meaning =
        switch (status) {
          case 401 -> ", the bearer token is missing or wrong";
          case 421 -> ", it is not the endpoint that was asked for";
          case 503 -> ", it is overloaded";
          default -> "";
        };
    Verdict verdict =
        switch (status) {
          case 400, 404 -> resumed.isPresent() ? Verdict.ANEW_AT_ONCE : Verdict.ANEW;
          case 421 -> Verdict.ELSEWHERE;
          default -> Verdict.RESUME;
        };
    boolean aboutUs = status == 401 || status == 421 || status == 503;
    if (resumed.isPresent() && !aboutUs) {
      recovery.onFruitlessResume();
    }
    String words = answer.words().isEmpty() ? "" : ": " + answer.words();
    lose(status + meaning + words, verdict, answer.retryAfterSeconds(), nowNanos);
  }

  /// Bytes of the body, in any pieces.
  ///
  /// @return whether to read on; otherwise hang up and ask [#next]
  public boolean onBytes(byte[] bytes, int offset, int length, long nowNanos)
      throws InterruptedException {
    lines.push(bytes, offset, length);
    try {
      for (var line = lines.next(); line != null; line = lines.next()) {
        onLine(StreamLine.of(line), nowNanos);
        if (phase == Phase.IDLE) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      lose(String.valueOf(e.getMessage()), remedy(), nowNanos);
      return false;
    }
  }

  /// A stream that is not to be trusted any more: before its first event by what it was asked for,
  /// which asking at once again would not change.
  private Verdict remedy() {
    return phase == Phase.HEADED ? Verdict.ANEW : Verdict.ANEW_AT_ONCE;
  }

  private void onLine(StreamLine line, long nowNanos) throws IOException, InterruptedException {
    switch (line) {
      case StreamLine.Columns(List<String> names) -> onColumns(names);
      case StreamLine.Row(long rowid, Cells cells) -> {
        want(phase == Phase.SNAPSHOT, "a row outside a snapshot");
        sink.offer(new SourceEvent.Row(table, rowid, cells));
      }
      case StreamLine.EndOfQuery(OptionalLong changeId) -> {
        want(phase == Phase.SNAPSHOT, "an end of query outside a snapshot");
        want(changeId.isPresent(), "an end of query without its change id");
        last = changeId.getAsLong();
        onLive(nowNanos);
        onProgress();
        String agent = recovery.agent().toString();
        sink.offer(new SourceEvent.SnapshotEnded(table, new Watermark(agent, subscription, last)));
      }
      case StreamLine.Change change -> {
        want(phase == Phase.LIVE, "a change before the snapshot's end");
        long id = change.changeId();
        want(id == last + 1, "change " + id + " came where " + (last + 1) + " was due");
        last = id;
        onProgress();
        sink.offer(
            new SourceEvent.Changed(table, change.kind(), change.rowid(), change.cells(), id));
      }
      case StreamLine.Failure(String message) -> lose(message, remedy(), nowNanos);
      case StreamLine.Unknown _ -> {}
    }
  }

  private void onColumns(List<String> names) throws IOException, InterruptedException {
    want(phase != Phase.SNAPSHOT, "a snapshot within a snapshot");
    if (!names.equals(columns)) {
      boolean same =
          names.size() == columns.size() && Set.copyOf(columns).equals(Set.copyOf(names));
      String how = same ? ", in another order than " : ", wanted ";
      throw new IOException("the agent's columns are " + names + how + columns);
    }
    if (phase == Phase.LIVE) {
      sink.offer(new SourceEvent.Lost(table, told("it began a new snapshot by itself")));
    }
    recovery.forget();
    phase = Phase.SNAPSHOT;
    sink.offer(new SourceEvent.SnapshotBegun(table));
  }

  private void onLive(long nowNanos) {
    phase = Phase.LIVE;
    liveSinceNanos = nowNanos;
    progress = false;
    recovery.onWorking();
  }

  private void onProgress() {
    progress = true;
    recovery.onProgress();
  }

  private static void want(boolean held, String otherwise) throws IOException {
    if (!held) {
      throw new IOException(otherwise);
    }
  }

  /// The stream, or the attempt to open one, ended. Nothing where that is known already.
  public void onEnd(Ending how, long nowNanos) throws InterruptedException {
    if (phase == Phase.IDLE) {
      return;
    }
    Verdict lost = owed() ? Verdict.ANEW_AT_ONCE : Verdict.RESUME;
    switch (how) {
      case Ending.Clean() -> {
        String where = owed() ? " before the snapshot's end" : "";
        String cut = lines.withinLine() ? ", within a line" : "";
        lose("the agent ended the stream" + where + cut, lost, nowNanos);
      }
      case Ending.Broken(String words) -> lose(words, lost, nowNanos);
      case Ending.Asked(String why) -> lose(why, Verdict.AGAIN, nowNanos);
      case Ending.Unfit(String why) -> lose(why, Verdict.ELSEWHERE, nowNanos);
    }
  }

  private String told(String reason) {
    return recovery.agent() + ": " + reason;
  }

  private void lose(String reason, Verdict verdict, long nowNanos) throws InterruptedException {
    lose(reason, verdict, OptionalLong.empty(), nowNanos);
  }

  /// The one ending of every attempt.
  private void lose(String reason, Verdict verdict, OptionalLong retryAfterSeconds, long nowNanos)
      throws InterruptedException {
    String told = told(reason);
    Remedy remedy = owed() ? Remedy.CUT_SNAPSHOT : Remedy.REFUSED_RESUME;
    // what never answered has failed since it was asked
    long sinceNanos = phase == Phase.OPENING ? openedNanos : nowNanos;
    if (phase == Phase.LIVE) {
      onLiveLost(verdict, nowNanos);
    }
    phase = Phase.IDLE;
    recovery.onLost(verdict, remedy, retryAfterSeconds, sinceNanos, nowNanos);
    sink.offer(new SourceEvent.Lost(table, told));
  }

  private void onLiveLost(Verdict verdict, long nowNanos) {
    Optional<Position> reached =
        subscription.isEmpty() || last <= 0
            ? Optional.empty()
            : Optional.of(new Position(recovery.agent(), subscription, queryHash, last));
    recovery.onLiveLost(reached, nowNanos - liveSinceNanos, nowNanos);
    boolean proven = nowNanos - liveSinceNanos >= Recovery.PROVEN.toNanos();
    if (resumed.isPresent() && !progress && !proven && verdict == Verdict.RESUME) {
      recovery.onFruitlessResume();
    }
  }
}
