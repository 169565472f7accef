package anycast.routing.feed.corrosion;

import anycast.routing.feed.Cells;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.StateSource.Sink;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;

/// One table's subscription, kept up: what to open, what the bytes say, and what a loss calls for.
///
/// ```
///            Subscribe, 200         columns … eoq            changes
///  OPENING ────────────────► HEADED ────► SNAPSHOT ────► LIVE ◄────┐
///     ▲  │ Resume, 200          ▲             ▲          │  └──────┘ id = last + 1
///     │  └──────────────────────┼─────────────┼────────► │
///     │                         │             └───────── │ columns: it begins anew
///     │                                                  │
///   IDLE ◄───────────────────────────────────────────────┘
///     ▲   clean end, broken, silent, cut line: subscription and last id are kept: Resume
///     │   error line, other id, no event, other columns, end before eoq: forgotten: Subscribe
///     └── 404, 400, error line of a Resume: forgotten; Subscribe at once
/// ```
///
/// The contract behind it is Corrosion's: a clean end is a failure like others; `from=0` would mean
/// a snapshot and is never sent; ids belong to one agent and one subscription; an agent does not
/// tell when something is missing, so every id is checked here; only what stood in a whole line is
/// believed.
///
/// There is no I/O, thread or clock in it: whoever drives it asks [#next], does that, and tells
/// what came of it. Opening, losing and opening again changes nothing anywhere.
///
/// **Threading.** One driver. **Faults.** Never gives up and never throws for what an agent sends;
/// a failure is a [SourceEvent.Lost] with its reason, then a wait that doubles from 100 ms to 5 s
/// with jitter, and begins at 100 ms again after a stream that was up for 5 s.
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

    /// We ended it, for that reason; the next attempt does not wait.
    record Asked(String why) implements Ending {}
  }

  /// Where a stream is.
  private enum Phase {
    IDLE,
    OPENING,
    HEADED,
    SNAPSHOT,
    LIVE
  }

  /// What a loss calls for.
  private enum Verdict {
    /// Go on where it was, if that is still possible.
    RESUME,
    /// Forget the position; wait as after any failure.
    ANEW,
    /// Forget the position, and do not wait the first time: the remedy is known.
    ANEW_AT_ONCE,
    /// This agent is not the one that was meant.
    ELSEWHERE,
    /// We wanted it: go on where it was, without a wait.
    AGAIN
  }

  /// A way of failing whose remedy is known, so that the first try needs no wait.
  private enum Remedy {
    REFUSED_RESUME,
    CUT_SNAPSHOT
  }

  /// Where a lost stream may go on.
  private record Position(URI agent, String subscription, String queryHash, long last) {}

  /// A stream that was up for so long earns a quick first retry.
  private static final long PROVEN_NANOS = Backoff.LONGEST.toNanos();

  /// An agent keeps a subscription without readers for 10 minutes, and looks each minute.
  private static final long RESUMABLE_NANOS = Duration.ofMinutes(9).toNanos();

  /// A header that says more is not meant for us.
  private static final long LONGEST_RETRY_AFTER_SECONDS = 60;

  /// Resumes in a row that brought nothing; then the subscription is given up, not the agent.
  private static final int FRUITLESS_RESUMES = 3;

  private final Table table;
  private final Statement statement;
  private final List<String> columns;
  private final AgentWalk agents;
  private final Backoff backoff;
  private final Sink sink;
  private final Set<Remedy> remedies = EnumSet.allOf(Remedy.class);

  private Phase phase = Phase.IDLE;
  private LineSplitter lines = new LineSplitter();
  private Optional<Position> position = Optional.empty();
  private String subscription = "";
  private String queryHash = "";
  private long last;
  private boolean resuming;
  private int fruitlessResumes;
  private boolean progress;
  private long openedNanos;
  private long liveSinceNanos;
  private long lostNanos;
  private boolean anew;
  private boolean walkedOn;
  private boolean waiting;
  private long notBeforeNanos;

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
    this.agents = new AgentWalk(agents, stickiness);
    this.backoff = new Backoff(random);
    this.sink = sink;
  }

  /// What to do now.
  ///
  /// @throws IllegalStateException while a stream is open
  public Step next(long nowNanos) {
    if (phase != Phase.IDLE && phase != Phase.OPENING) {
      throw new IllegalStateException("the stream is open: " + phase);
    }
    if (waiting && notBeforeNanos - nowNanos > 0) {
      return new Step.Wait(notBeforeNanos - nowNanos);
    }
    waiting = false;
    if (anew) {
      anew = false;
      position = Optional.empty();
    }
    phase = Phase.OPENING;
    openedNanos = nowNanos;
    URI agent = agents.agent();
    Optional<Position> from =
        position
            .filter(p -> p.agent().equals(agent))
            .filter(p -> nowNanos - lostNanos < RESUMABLE_NANOS);
    resuming = from.isPresent();
    return new Step.Open(
        agent,
        from.<Request>map(p -> new Request.Resume(p.subscription(), p.last()))
            .orElseGet(() -> new Request.Subscribe(statement)));
  }

  /// Whether the agent owes us bytes: a live stream may be silent, a snapshot may not.
  public boolean owed() {
    return phase == Phase.HEADED || phase == Phase.SNAPSHOT;
  }

  /// Forgets where the stream was, and does not wait. An open stream is to be ended with
  /// [Ending.Asked] after this.
  public void resnapshot() {
    anew = true;
    waiting = false;
  }

  /// The head came.
  ///
  /// @return whether to read its body on; otherwise hang up and ask [#next]
  public boolean onAnswer(Answer answer, long nowNanos) throws InterruptedException {
    if (answer.status() != 200) {
      refused(answer, nowNanos);
      return false;
    }
    lines = new LineSplitter();
    if (!resuming) {
      subscription = answer.subscription();
      queryHash = answer.queryHash();
      phase = Phase.HEADED;
      return true;
    }
    Position from = position.orElseThrow();
    if (differs(from.subscription(), answer.subscription())
        || differs(from.queryHash(), answer.queryHash())) {
      lose("the agent resumed another subscription", Verdict.ANEW_AT_ONCE, nowNanos);
      return false;
    }
    subscription = from.subscription();
    queryHash = from.queryHash();
    last = from.last();
    onLive(false, nowNanos);
    sink.offer(new SourceEvent.Resumed(table));
    return true;
  }

  private static boolean differs(String known, String told) {
    return !known.isEmpty() && !told.isEmpty() && !known.equals(told);
  }

  private void refused(Answer answer, long nowNanos) throws InterruptedException {
    int status = answer.status();
    String told = answer.words().isEmpty() ? "" : ": " + answer.words();
    switch (status) {
      case 401 ->
          lose("401, the bearer token is missing or wrong" + told, Verdict.RESUME, nowNanos);
      case 421 ->
          lose(
              "421, it is not the endpoint that was asked for" + told, Verdict.ELSEWHERE, nowNanos);
      case 503 -> lose("503, it is overloaded" + told, Verdict.RESUME, nowNanos);
      case 400, 404 ->
          lose(status + told, resuming ? Verdict.ANEW_AT_ONCE : Verdict.ANEW, nowNanos);
      default -> {
        boolean hopeless = resuming && ++fruitlessResumes >= FRUITLESS_RESUMES;
        lose(status + told, hopeless ? Verdict.ANEW : Verdict.RESUME, nowNanos);
      }
    }
    if (answer.retryAfterSeconds().isPresent() && waiting && !walkedOn) {
      long seconds = Math.min(answer.retryAfterSeconds().getAsLong(), LONGEST_RETRY_AFTER_SECONDS);
      long until = nowNanos + Duration.ofSeconds(Math.max(0, seconds)).toNanos();
      notBeforeNanos = until - notBeforeNanos > 0 ? until : notBeforeNanos;
    }
  }

  /// Bytes of the body, in any pieces.
  ///
  /// @return whether to read on; otherwise hang up and ask [#next]
  public boolean onBytes(byte[] bytes, int offset, int length, long nowNanos)
      throws InterruptedException {
    lines.push(bytes, offset, length);
    try {
      for (var line = lines.next(); line != null; line = lines.next()) {
        if (!onLine(StreamLine.of(line), nowNanos)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      lose(words(e), phase == Phase.HEADED ? Verdict.ANEW : Verdict.ANEW_AT_ONCE, nowNanos);
      return false;
    }
  }

  private static String words(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private boolean onLine(StreamLine line, long nowNanos) throws IOException, InterruptedException {
    switch (line) {
      case StreamLine.Columns(List<String> names) -> onColumns(names);
      case StreamLine.Row(long rowid, Cells cells) -> {
        want(phase == Phase.SNAPSHOT, "a row outside a snapshot");
        sink.offer(new SourceEvent.Row(table, rowid, cells));
      }
      case StreamLine.EndOfQuery(OptionalLong changeId) -> {
        want(phase == Phase.SNAPSHOT, "an end of query outside a snapshot");
        want(changeId.isPresent(), "an end of query without its change id");
        onSnapshotEnd(changeId.getAsLong(), nowNanos);
      }
      case StreamLine.Change change -> {
        want(phase == Phase.LIVE, "a change before the snapshot's end");
        want(
            change.changeId() == last + 1,
            "change " + change.changeId() + " came, " + (last + 1) + " was due");
        last = change.changeId();
        onProgress();
        sink.offer(
            new SourceEvent.Changed(table, change.kind(), change.rowid(), change.cells(), last));
      }
      case StreamLine.Failure(String message) -> {
        lose(message, phase == Phase.HEADED ? Verdict.ANEW : Verdict.ANEW_AT_ONCE, nowNanos);
        return false;
      }
      case StreamLine.Unknown _ -> {}
    }
    return true;
  }

  private void onColumns(List<String> names) throws IOException, InterruptedException {
    want(phase != Phase.SNAPSHOT, "a snapshot within a snapshot");
    if (!names.equals(columns)) {
      boolean ordered = Set.copyOf(names).equals(Set.copyOf(columns));
      String how = ordered ? ", in another order than " : ", wanted ";
      throw new IOException("the agent's columns are " + names + how + columns);
    }
    if (phase == Phase.LIVE) {
      sink.offer(new SourceEvent.Lost(table, told("the agent began a new snapshot by itself")));
    }
    position = Optional.empty();
    phase = Phase.SNAPSHOT;
    sink.offer(new SourceEvent.SnapshotBegun(table));
  }

  private void onSnapshotEnd(long changeId, long nowNanos) throws InterruptedException {
    last = changeId;
    onLive(true, nowNanos);
    sink.offer(
        new SourceEvent.SnapshotEnded(
            table, new Watermark(agents.agent().toString(), subscription, last)));
  }

  private void onLive(boolean fresh, long nowNanos) {
    phase = Phase.LIVE;
    liveSinceNanos = nowNanos;
    progress = false;
    agents.onWorking();
    if (fresh) {
      onProgress();
    }
  }

  private void onProgress() {
    progress = true;
    fruitlessResumes = 0;
  }

  private static void want(boolean held, String otherwise) throws IOException {
    if (!held) {
      throw new IOException(otherwise);
    }
  }

  /// The stream, or the attempt to open one, ended.
  public void onEnd(Ending how, long nowNanos) throws InterruptedException {
    if (phase == Phase.IDLE) {
      return;
    }
    switch (how) {
      case Ending.Clean() -> {
        String cut = lines.withinLine() ? " within a line" : "";
        switch (phase) {
          case HEADED, SNAPSHOT ->
              lose(
                  "the agent ended the stream before the snapshot's end" + cut,
                  Verdict.ANEW_AT_ONCE,
                  nowNanos);
          case IDLE, OPENING, LIVE ->
              lose("the agent ended the stream" + cut, Verdict.RESUME, nowNanos);
        }
      }
      case Ending.Broken(String words) ->
          lose(words, owed() ? Verdict.ANEW_AT_ONCE : Verdict.RESUME, nowNanos);
      case Ending.Asked(String why) -> lose(why, Verdict.AGAIN, nowNanos);
    }
  }

  private String told(String reason) {
    return agents.agent() + ": " + reason;
  }

  /// The one ending of every attempt: what is kept, who is asked next, and when.
  private void lose(String reason, Verdict verdict, long nowNanos) throws InterruptedException {
    String told = told(reason);
    Remedy remedy = owed() ? Remedy.CUT_SNAPSHOT : Remedy.REFUSED_RESUME;
    long failedSinceNanos = phase == Phase.OPENING ? openedNanos : nowNanos;
    if (phase == Phase.LIVE) {
      onLiveLost(nowNanos);
    }
    phase = Phase.IDLE;
    switch (verdict) {
      case RESUME -> pause(agents.onFailed(failedSinceNanos, nowNanos), nowNanos);
      case ANEW -> {
        position = Optional.empty();
        pause(agents.onFailed(failedSinceNanos, nowNanos), nowNanos);
      }
      case ANEW_AT_ONCE -> {
        position = Optional.empty();
        if (!remedies.remove(remedy)) {
          pause(agents.onFailed(failedSinceNanos, nowNanos), nowNanos);
        }
      }
      case ELSEWHERE -> pause(agents.walk(), nowNanos);
      case AGAIN -> {}
    }
    sink.offer(new SourceEvent.Lost(table, told));
  }

  private void onLiveLost(long nowNanos) {
    if (nowNanos - liveSinceNanos >= PROVEN_NANOS) {
      backoff.reset();
      agents.onProven();
      remedies.addAll(EnumSet.allOf(Remedy.class));
      fruitlessResumes = 0;
    } else if (resuming && !progress) {
      fruitlessResumes++;
    }
    boolean resumable = !subscription.isEmpty() && last > 0 && fruitlessResumes < FRUITLESS_RESUMES;
    position =
        resumable
            ? Optional.of(new Position(agents.agent(), subscription, queryHash, last))
            : Optional.empty();
    lostNanos = nowNanos;
  }

  private void pause(boolean walked, long nowNanos) {
    waiting = true;
    notBeforeNanos = nowNanos + backoff.nextNanos();
    walkedOn = walked;
  }
}
