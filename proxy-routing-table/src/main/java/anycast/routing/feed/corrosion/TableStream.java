package anycast.routing.feed.corrosion;

import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.StateSource.Sink;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// One table's subscription, kept up.
///
/// ```
///             POST 200              columns … eoq          lines
///  (opening) ──────────► snapshot ─────────────► live ◄────────┐
///     ▲  │ GET from=last 200                      │ └──────────┘
///     │  └────────────────────────────────────────┤
///     │                                           │ end, I/O error: keep id and last
///     └──────────── backoff ◄─────────────────────┘ error line, no event, 404: forget them
/// ```
///
/// **Threading.** [#run] and the fields behind it are the stream's own virtual thread's.
/// [#resnapshot] and [#close] are for others: they set a flag and close the body that is being
/// read.
final class TableStream {
  /// A stream that lived longer than the longest wait earns a quick first retry.
  private static final Duration PROVEN = Backoff.LONGEST;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  /// Where a lost stream may go on.
  private record ResumePoint(URI agent, String subscription, long last) {}

  private final Table table;
  private final List<URI> agents;
  private final AgentHttp http;
  private final Ticker ticker;
  private final Thread thread;
  private final Semaphore hurry = new Semaphore(0);
  private final Object bodyGuard = new Object();

  private volatile boolean closed;
  private volatile boolean anew;
  private InputStream body;

  // The stream's thread's from here on.
  private Sink sink;
  private int agentIndex;
  private ResumePoint resumePoint;
  private String subscription = "";
  private boolean inSnapshot;
  private boolean live;

  TableStream(Table table, List<URI> agents, AgentHttp http, Ticker ticker) {
    this.table = table;
    this.agents = agents;
    this.http = http;
    this.ticker = ticker;
    this.thread = Thread.ofVirtual().name("feed-" + table.label()).unstarted(this::run);
  }

  void start(Sink sink) {
    this.sink = sink;
    thread.start();
  }

  void resnapshot() {
    anew = true;
    hurry.release();
    closeBody();
  }

  void reopen() {
    closeBody();
  }

  void close() {
    closed = true;
    thread.interrupt();
    closeBody();
  }

  void awaitEnd() {
    try {
      if (thread.getState() != Thread.State.NEW) {
        thread.join(CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Backoff backoff = new Backoff(ThreadLocalRandom.current());
    try {
      while (!closed) {
        long openedNanos = ticker.nanos();
        String loss = follow();
        if (closed) {
          return;
        }
        sink.offer(new SourceEvent.Lost(table, loss));
        if (ticker.nanos() - openedNanos > PROVEN.toNanos()) {
          backoff.reset();
        }
        hurry.drainPermits();
        if (hurry.tryAcquire(backoff.nextNanos(), TimeUnit.NANOSECONDS)) {
          // someone asked for a snapshot while we waited; an operator, so once is not a storm
          hurry.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      // closing
    }
  }

  /// Opens the stream and reads it to its end.
  ///
  /// @return why it ended, in words
  private String follow() throws InterruptedException {
    URI agent = agents.get(agentIndex);
    inSnapshot = false;
    live = false;
    HttpResponse<InputStream> answer;
    try {
      answer = open(agent);
    } catch (IOException e) {
      agentIndex = (agentIndex + 1) % agents.size();
      return agent + ": " + words(e);
    }
    try (InputStream in = answer.body()) {
      if (!hold(in)) {
        return "a new snapshot was asked for";
      }
      return read(agent, new LineReader(in));
    } catch (IOException e) {
      return anew ? "a new snapshot was asked for" : agent + ": " + words(e);
    } finally {
      release();
    }
  }

  private static String words(IOException e) {
    if (e instanceof ConnectException || e instanceof HttpConnectTimeoutException) {
      return "cannot connect";
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private HttpResponse<InputStream> open(URI agent) throws IOException, InterruptedException {
    if (anew) {
      resumePoint = null;
    }
    ResumePoint from = resumePoint;
    if (from != null && from.agent().equals(agent) && from.last() > 0) {
      String path = "/v1/subscriptions/" + from.subscription() + "?from=" + from.last();
      HttpResponse<InputStream> answer = http.open(agent, path, Optional.empty());
      if (answer.statusCode() == 200) {
        subscription = from.subscription();
        live = true;
        sink.offer(new SourceEvent.Resumed(table));
        return answer;
      }
      String refusal = AgentHttp.refusal(answer);
      if (answer.statusCode() != 404) {
        throw new IOException(refusal);
      }
    }
    resumePoint = null;
    anew = false;
    String statement = AgentHttp.json(out -> AgentHttp.write(out, Statement.of(table.select())));
    HttpResponse<InputStream> answer =
        http.open(agent, "/v1/subscriptions", Optional.of(statement));
    if (answer.statusCode() != 200) {
      throw new IOException(AgentHttp.refusal(answer));
    }
    subscription = answer.headers().firstValue("corro-query-id").orElse("");
    return answer;
  }

  private String read(URI agent, LineReader lines) throws IOException, InterruptedException {
    while (true) {
      LineReader.Line line = lines.next();
      if (line == null) {
        return anew ? "a new snapshot was asked for" : agent + ": the agent ended the stream";
      }
      StreamLine event;
      try {
        event =
            StreamLine.of(new LineSplitter.Line(line.bytes(), 0, line.length(), line.overlong()));
        onLine(agent, event);
      } catch (IOException e) {
        resumePoint = null;
        throw e;
      }
      if (event instanceof StreamLine.Failure(String message)) {
        resumePoint = null;
        return agent + ": " + message;
      }
    }
  }

  private void onLine(URI agent, StreamLine line) throws IOException, InterruptedException {
    switch (line) {
      case StreamLine.Columns(List<String> names) -> {
        List<String> wanted = table.columns().stream().map(Table.Column::name).toList();
        if (!names.equals(wanted)) {
          throw new IOException("the agent's columns are " + names + ", wanted " + wanted);
        }
        inSnapshot = true;
        live = false;
        sink.offer(new SourceEvent.SnapshotBegun(table));
      }
      case StreamLine.Row(long rowid, var cells) -> {
        want(inSnapshot, "a row outside a snapshot");
        sink.offer(new SourceEvent.Row(table, rowid, cells));
      }
      case StreamLine.EndOfQuery(var changeId) -> {
        want(inSnapshot && changeId.isPresent(), "an end of query outside a snapshot");
        inSnapshot = false;
        live = true;
        reached(agent, changeId.getAsLong());
        sink.offer(
            new SourceEvent.SnapshotEnded(
                table, new Watermark(agent.toString(), subscription, changeId.getAsLong())));
      }
      case StreamLine.Change(var kind, long rowid, var cells, long changeId) -> {
        want(live, "a change before the snapshot's end");
        reached(agent, changeId);
        sink.offer(new SourceEvent.Changed(table, kind, rowid, cells, changeId));
      }
      case StreamLine.Failure _, StreamLine.Unknown _ -> {}
    }
  }

  private void reached(URI agent, long changeId) {
    if (!subscription.isEmpty()) {
      resumePoint = new ResumePoint(agent, subscription, changeId);
    }
  }

  private static void want(boolean held, String otherwise) throws IOException {
    if (!held) {
      throw new IOException(otherwise);
    }
  }

  /// Makes the body closable by others.
  ///
  /// @return false where they want it closed already
  private boolean hold(InputStream in) {
    synchronized (bodyGuard) {
      body = in;
    }
    return !closed && !anew;
  }

  private void release() {
    synchronized (bodyGuard) {
      body = null;
    }
  }

  private void closeBody() {
    InputStream open;
    synchronized (bodyGuard) {
      open = body;
      body = null;
    }
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // it is closed for all that we do with it
      }
    }
  }
}
