package anycast.routing.feed.corrosion;

import anycast.routing.feed.StateSource.Sink;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StreamMachine.Request;
import anycast.routing.feed.corrosion.StreamMachine.Step;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread and the socket around a [StreamMachine].
///
/// **Threading.** [#run] and the machine are the stream's own virtual thread's. The other methods
/// are for all: they say what is wanted and break off what the thread waits for.
final class TableStream {
  /// How long an agent may be silent.
  ///
  /// @param head from asking to the head of the answer, connecting included
  /// @param snapshot between two pieces of a snapshot
  /// @param quiet where it owes us nothing; give or take a fifth
  record Limits(Duration head, Duration snapshot, Duration quiet) {
    /// A snapshot's first row may take as long as its head.
    static final Limits USUAL =
        new Limits(AgentHttp.HEAD_LIMIT, AgentHttp.HEAD_LIMIT, StreamMachine.QUIET);
  }

  private static final Logger LOG = LoggerFactory.getLogger(TableStream.class);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
  private static final int PIECE_BYTES = 16 * 1024;

  private final Table table;
  private final CorrosionConfig config;
  private final AgentHttp http;
  private final Ticker ticker;
  private final Limits limits;
  private final Thread thread;
  private final Semaphore hurry = new Semaphore(0);
  private final byte[] piece = new byte[PIECE_BYTES];

  private volatile boolean closed;
  private volatile boolean anew;

  /// What the thread waits for; null = nothing.
  private volatile AgentCall open;

  /// What was broken off for the agent's fault; null = nothing.
  private volatile AgentCall unfit;

  private volatile URI agent;

  // The stream's thread's from here on.
  private StreamMachine machine;

  TableStream(Table table, CorrosionConfig config, AgentHttp http, Ticker ticker, Limits limits) {
    this.table = table;
    this.config = config;
    this.http = http;
    this.ticker = ticker;
    this.limits = limits;
    this.agent = config.urls().getFirst();
    this.thread = Thread.ofVirtual().name("feed-" + table.label()).unstarted(this::run);
  }

  void start(Sink sink) {
    machine =
        new StreamMachine(
            table,
            config.statement(table),
            config.urls(),
            config.stickiness(),
            new SplittableRandom(),
            sink);
    thread.start();
  }

  /// Whom the stream asked last.
  URI agent() {
    return agent;
  }

  void resnapshot() {
    anew = true;
    hurry.release();
    breakOff("a new snapshot was asked for");
  }

  /// Ends what is open, and goes on.
  ///
  /// @param elsewhere whether at another agent, where there is one
  void reopen(boolean elsewhere) {
    if (elsewhere) {
      unfit = open;
      breakOff("it was silent again after it had been opened again");
    } else {
      breakOff("it was silent, and is opened again");
    }
  }

  void close() {
    closed = true;
    thread.interrupt();
    breakOff("closing");
  }

  void awaitEnd() {
    try {
      if (thread.getState() != Thread.State.NEW) {
        thread.join(CLOSE_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void breakOff(String why) {
    AgentCall now = open;
    if (now != null) {
      now.breakOff(why);
    }
  }

  private void run() {
    try {
      while (!closed) {
        passOnAnew();
        switch (machine.next(ticker.nanos())) {
          case Step.Open(URI asked, Request request) -> follow(asked, request);
          case Step.Wait(long nanos) -> {
            // somebody may ask for a snapshot while we wait; a person, so once is not a storm
            if (hurry.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
              hurry.drainPermits();
            }
          }
        }
      }
    } catch (InterruptedException e) {
      // closing
    }
  }

  private void passOnAnew() {
    if (anew) {
      anew = false;
      machine.resnapshot();
    }
  }

  /// Opens a stream and reads it to its end.
  private void follow(URI asked, Request request) throws InterruptedException {
    agent = asked;
    try (AgentCall call = opened(asked, request)) {
      open = call;
      Ending ending = closed || anew ? new Ending.Asked("it is not wanted any more") : read(call);
      open = null;
      if (!closed) {
        passOnAnew();
        machine.onEnd(ending, ticker.nanos());
      }
    } catch (RuntimeException e) {
      if (closed) {
        // the client that would have asked is closed too
        return;
      }
      // a bug of ours; what it did to the position nobody knows, and a dead thread helps nobody
      LOG.error("the stream of {} failed, and begins anew", table.label(), e);
      machine.resnapshot();
      machine.onEnd(new Ending.Broken("a bug of ours: " + e), ticker.nanos());
    }
  }

  private AgentCall opened(URI asked, Request request) {
    return switch (request) {
      case Request.Subscribe(Statement statement) -> http.subscribe(asked, statement);
      case Request.Resume(String subscription, long from) ->
          http.call(asked, "/v1/subscriptions/" + subscription + "?from=" + from, Optional.empty());
    };
  }

  /// Reads until the body ends, or until the machine wants no more of it, which has then told so.
  private Ending read(AgentCall call) throws InterruptedException {
    try {
      HttpResponse<AgentBody> head = call.head(limits.head().toNanos());
      boolean more = machine.onAnswer(call.answer(head), ticker.nanos());
      while (more) {
        int length = call.read(piece, machine.patienceNanos(limits.snapshot(), limits.quiet()));
        if (length < 0) {
          break;
        }
        more = machine.onBytes(piece, 0, length, ticker.nanos());
      }
      return new Ending.Clean();
    } catch (IOException e) {
      String words = AgentHttp.words(e);
      if (!call.brokenOff()) {
        boolean quiet = e instanceof HttpTimeoutException;
        return quiet ? new Ending.Quiet(words) : new Ending.Broken(words);
      }
      return call == unfit ? new Ending.Unfit(words) : new Ending.Asked(words);
    }
  }
}
