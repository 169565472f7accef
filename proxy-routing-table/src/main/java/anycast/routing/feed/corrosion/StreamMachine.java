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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;

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
///   IDLE ◄── live: clean end, reset, told silent, a line cut at its end: Resume
///     ▲  ◄── live, and quiet for too long: Resume at once, told to nobody
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
/// A quiet stream and a dead one look the same, so a live one that said nothing for [#QUIET] is
/// *renewed*: it is ended and resumed, whose answer proves the path, and whatever was lost on the
/// old one comes on the new one. Where that succeeds nothing was lost, and the sink hears nothing.
/// A stream at position 0 has nothing to be resumed from; where its snapshot was small it is taken
/// again, otherwise the audit has to find what was lost.
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

  /// Where a stream is.
  private enum Phase {
    IDLE,
    OPENING,
    HEADED,
    SNAPSHOT,
    LIVE
  }

  /// How long a live stream may be quiet, give or take a fifth.
  public static final Duration QUIET = Quiet.USUAL;

  /// A store tells a thousand rows in a piece, each as an insert and a delete at most.
  private static final int MAX_TOGETHER = 4_096;

  private final Table table;
  private final Statement statement;
  private final List<String> columns;
  private final Recovery recovery;
  private final Quiet quiet;
  private final Sink sink;

  private Phase phase = Phase.IDLE;
  private LineSplitter lines = new LineSplitter();

  /// What the attempt goes on from; empty = it began with a snapshot.
  private Optional<Position> resumed = Optional.empty();

  /// Changes that came, and wait for those that take effect with them.
  private final List<SourceEvent.Changed> together = new ArrayList<>();

  private String subscription = "";
  private String queryHash = "";
  private long last;

  /// Whether the sink believes that it is live, which it may while the stream is renewed.
  private boolean believed;

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
    this.quiet = new Quiet(random);
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

  /// How long to wait for the next bytes; then [Ending.Quiet].
  ///
  /// @param owed where the agent owes us bytes
  /// @param usual where it does not, give or take a fifth: [#QUIET]
  public long patienceNanos(Duration owed, Duration usual) {
    return owed() ? owed.toNanos() : quiet.patienceNanos(usual, reached().isPresent());
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
      subscription = answer.resumable();
      queryHash = answer.queryHash();
      phase = Phase.HEADED;
      return true;
    }
    Position from = resumed.get();
    if (from.differs(answer)) {
      lose("it resumed another subscription", Verdict.ANEW_AT_ONCE, nowNanos);
      return false;
    }
    subscription = from.subscription();
    queryHash = from.queryHash();
    last = from.last();
    onLive(nowNanos);
    if (!believed) {
      believed = true;
      sink.offer(new SourceEvent.Resumed(table));
    }
    return true;
  }

  private void onRefusal(Answer answer, long nowNanos) throws InterruptedException {
    Refusal refusal = Refusal.of(answer.status(), resumed.isPresent());
    if (resumed.isPresent() && !refusal.aboutUs()) {
      recovery.onFruitlessResume();
    }
    String words = answer.words().isEmpty() ? "" : ": " + answer.words();
    String told = answer.status() + refusal.meaning() + words;
    lose(told, refusal.verdict(), answer.retryAfterSeconds(), nowNanos);
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
        quiet.onRow();
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
        long due = last + together.size() + 1;
        want(id == due, "change " + id + " came where " + due + " was due");
        together.add(
            new SourceEvent.Changed(table, change.kind(), change.rowid(), change.cells(), id));
        if (!change.more() || together.size() == MAX_TOGETHER) {
          onTogether();
        }
      }
      case StreamLine.Failure(String message) -> lose(message, remedy(), nowNanos);
      case StreamLine.Unknown _ -> {}
    }
  }

  /// Nothing of them was told before: a stream lost meanwhile is resumed from before the first.
  private void onTogether() throws InterruptedException {
    last += together.size();
    onProgress();
    boolean one = together.size() == 1;
    sink.offer(one ? together.getFirst() : new SourceEvent.Together(table, together));
    together.clear();
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
    quiet.onSnapshotBegun();
    believed = true;
    sink.offer(new SourceEvent.SnapshotBegun(table, OptionalLong.of(openedNanos)));
  }

  private void onLive(long nowNanos) {
    together.clear();
    phase = Phase.LIVE;
    liveSinceNanos = nowNanos;
    progress = false;
    quiet.onLive();
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
      case Ending.Quiet(String words) -> {
        if (phase == Phase.LIVE) {
          renew(nowNanos);
        } else {
          lose(words, lost, nowNanos);
        }
      }
      case Ending.Asked(String why) -> lose(why, Verdict.AGAIN, nowNanos);
      case Ending.Unfit(String why) -> lose(why, Verdict.ELSEWHERE, nowNanos);
    }
  }

  /// Goes on where the stream is, by another connection, and tells nobody unless that fails.
  private void renew(long nowNanos) {
    recovery.onLiveLost(reached(), nowNanos - liveSinceNanos, nowNanos);
    recovery.hurry();
    phase = Phase.IDLE;
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
    believed = false;
    recovery.onLost(verdict, remedy, retryAfterSeconds, sinceNanos, nowNanos);
    sink.offer(new SourceEvent.Lost(table, told));
  }

  private void onLiveLost(Verdict verdict, long nowNanos) {
    recovery.onLiveLost(reached(), nowNanos - liveSinceNanos, nowNanos);
    boolean proven = nowNanos - liveSinceNanos >= Recovery.PROVEN.toNanos();
    if (resumed.isPresent() && !progress && !proven && verdict == Verdict.RESUME) {
      recovery.onFruitlessResume();
    }
  }

  /// Where a resume would go on; empty = there is nothing to go on from.
  private Optional<Position> reached() {
    return subscription.isEmpty() || last <= 0
        ? Optional.empty()
        : Optional.of(new Position(recovery.agent(), subscription, queryHash, last));
  }
}
