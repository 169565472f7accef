package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import anycast.routing.feed.sqlite.StateStore.Outcome;
import anycast.routing.feed.sqlite.StateStore.Result;
import anycast.routing.feed.sqlite.StateStore.Touched;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one that writes: takes what waits, and gives it one fsync.
///
/// ```
///  transactions ──► [queue] ──► BEGIN ─ each in its SAVEPOINT ─ COMMIT (fsync) ──► answers
/// ```
///
/// While the disk works for one group the next one gathers, so nobody waits for company. A
/// transaction that fails is rolled back to its savepoint and takes nobody with it; where SQLite
/// rolled back the whole group for it (an interrupt, a full disk), the others run again, each
/// alone. Nothing is answered before its commit.
///
/// **Threading.** One platform thread owns the connection; [#submit] is for any thread. **Limits.**
/// What waits; what shares a commit, by count and time. **Faults.** A write that the disk refuses
/// is answered so, and the next one tries again, on a new connection; a corrupt or replaced file is
/// not written again.
final class Writer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  /// Far above what the API lets in at a time.
  private static final int MAX_WAITING = 4_096;

  /// Enough that an fsync costs each of them little.
  private static final int MAX_GROUP = 128;

  /// About what an fsync takes; the first of a group waits no longer for the others.
  private static final Duration MAX_GATHERING = Duration.ofMillis(10);

  private record Pending(
      List<SqlStatement> statements, Duration limit, CompletableFuture<Outcome> answer) {}

  private record Ran(Pending pending, Outcome outcome, Map<Table, Set<Long>> rowids) {}

  /// The whole group was rolled back because of one of its transactions.
  private static final class GroupLostException extends Exception {
    private static final long serialVersionUID = 1L;

    GroupLostException() {
      super(null, null, false, false);
    }
  }

  private final Path database;
  private final SyncPolicy sync;
  private final Ticker ticker;
  private final TimeLimit timeLimit;
  private final Object fileKey;
  private final BlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Pending last = new Pending(List.of(), Duration.ZERO, new CompletableFuture<>());
  private final Thread thread;
  private volatile Touched touched = rowids -> {};
  private volatile boolean closing;
  private volatile String trouble = "";

  // The writing thread's from here on, and of who joined it.
  private WriteConnection connection;
  private boolean broken;
  private boolean connectionIsSuspect;

  /// @param connection the writer closes it
  Writer(
      Path database,
      SyncPolicy sync,
      WriteConnection connection,
      TimeLimit timeLimit,
      Ticker ticker)
      throws IOException {
    this.database = database;
    this.sync = sync;
    this.connection = connection;
    this.timeLimit = timeLimit;
    this.ticker = ticker;
    this.fileKey = Files.readAttributes(database, BasicFileAttributes.class).fileKey();
    this.thread = Thread.ofPlatform().name("state-writing").daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void onTouched(Touched listener) {
    touched = listener;
  }

  /// Why the last transaction could not be written, with a remedy; empty = it could.
  String trouble() {
    return trouble;
  }

  /// The answer comes when the transaction is as safe as the policy says.
  ///
  /// @param limit after which it is interrupted
  CompletableFuture<Outcome> submit(List<SqlStatement> statements, Duration limit) {
    Pending pending = new Pending(statements, limit, new CompletableFuture<>());
    if (closing) {
      return CompletableFuture.completedFuture(stopping());
    }
    if (!waiting.offer(pending)) {
      return CompletableFuture.completedFuture(
          Outcome.unable(
              Outcome.Verdict.UNAVAILABLE,
              "more than " + MAX_WAITING + " transactions wait: nothing was done"));
    }
    if (closing && waiting.remove(pending)) {
      // it may have come after the last look at the queue
      pending.answer().complete(stopping());
    }
    return pending.answer();
  }

  private static Outcome stopping() {
    return Outcome.unable(Outcome.Verdict.UNAVAILABLE, "the store is stopping: nothing was done");
  }

  private void run() {
    try {
      for (Pending first = waiting.take(); first != last; first = waiting.take()) {
        List<Ran> group = new ArrayList<>();
        try {
          serve(first, MAX_GROUP, group);
        } catch (RuntimeException e) {
          LOG.error("a bug in writing", e);
          rollback();
          connectionIsSuspect = true;
          Outcome outcome = Outcome.unable(Outcome.Verdict.UNAVAILABLE, "internal error");
          first.answer().complete(outcome);
          group.forEach(ran -> ran.pending().answer().complete(outcome));
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("writing ends");
    }
    refuseWaiting();
  }

  private void refuseWaiting() {
    for (Pending late = waiting.poll(); late != null; late = waiting.poll()) {
      late.answer().complete(stopping());
    }
  }

  /// Runs `first`, and with it what waits by then, up to `most`, in one commit.
  ///
  /// @param group gets what ran
  private void serve(Pending first, int most, List<Ran> group) {
    if (!ready(first)) {
      return;
    }
    long startedNanos = ticker.nanos();
    try {
      connection.execute("BEGIN IMMEDIATE");
      Pending next = first;
      while (next != null) {
        run(next, group);
        boolean more =
            group.size() < most && ticker.nanos() - startedNanos < MAX_GATHERING.toNanos();
        next = more && waiting.peek() != last ? waiting.poll() : null;
      }
      connection.execute("COMMIT");
    } catch (GroupLostException e) {
      rollback();
      for (Ran ran : group) {
        serve(ran.pending(), 1, new ArrayList<>());
      }
      return;
    } catch (SQLException e) {
      rollback();
      Outcome outcome = refused(e);
      first.answer().complete(outcome);
      group.forEach(ran -> ran.pending().answer().complete(outcome));
      return;
    }
    if (!group.isEmpty()) {
      wroteAgain();
    }
    group.forEach(this::tell);
  }

  private void tell(Ran ran) {
    try {
      if (!ran.rowids().isEmpty()) {
        touched.onCommitted(ran.rowids());
      }
    } catch (RuntimeException e) {
      LOG.error("a bug in hearing of a commit", e);
    } finally {
      ran.pending().answer().complete(ran.outcome());
    }
  }

  /// Runs one transaction in its savepoint; what fails is answered here.
  private void run(Pending pending, List<Ran> group) throws GroupLostException, SQLException {
    connection.execute("SAVEPOINT client");
    try (TimeLimit.Watch _ = timeLimit.watch(connection.raw(), pending.limit())) {
      List<Result> results = new ArrayList<>();
      for (SqlStatement statement : pending.statements()) {
        long startedNanos = ticker.nanos();
        long rows = connection.execute(statement);
        results.add(new Result(rows, "", ticker.nanos() - startedNanos));
      }
      Map<Table, Set<Long>> rowids = connection.takeTouched();
      OptionalLong version =
          rowids.isEmpty() ? OptionalLong.empty() : OptionalLong.of(connection.nextVersion());
      connection.execute("RELEASE client");
      group.add(new Ran(pending, Outcome.committed(results, version), rowids));
    } catch (IllegalArgumentException e) {
      undo();
      pending.answer().complete(Outcome.failed(Legible.text(e.getMessage())));
    } catch (SQLException e) {
      if (StoreTrouble.of(e) == StoreTrouble.STATEMENT) {
        pending.answer().complete(Outcome.failed(Legible.text(e.getMessage())));
        undo();
      } else {
        pending.answer().complete(refused(e));
        throw new GroupLostException();
      }
    }
  }

  private void undo() throws GroupLostException {
    try {
      connection.execute("ROLLBACK TO client");
      connection.execute("RELEASE client");
    } catch (SQLException e) {
      // "no such savepoint": SQLite has rolled back everything, as for an interrupt
      throw new GroupLostException();
    }
  }

  private void rollback() {
    try {
      connection.execute("ROLLBACK");
    } catch (SQLException e) {
      // SQLite ends the transaction itself where a rollback cannot
    }
  }

  /// Whether the file can be tried; where not, `first` is answered.
  private boolean ready(Pending first) {
    String why = "";
    if (broken) {
      why = trouble;
    } else if (!isTheFile()) {
      broken = true;
      why =
          database
              + " was moved or replaced while it was open: stop the store, put the right file"
              + " there (`restore` does that safely), start it again";
      troubled(why);
    } else if (connectionIsSuspect) {
      try {
        WriteConnection fresh = WriteConnection.of(StoreConnections.writing(database, sync));
        StoreConnections.closeQuietly(connection.raw());
        connection = fresh;
        connectionIsSuspect = false;
      } catch (SQLException e) {
        first.answer().complete(refused(e));
        return false;
      }
    }
    if (why.isEmpty()) {
      return true;
    }
    first.answer().complete(Outcome.unable(Outcome.Verdict.UNAVAILABLE, why));
    return false;
  }

  /// A store goes on with a file that has lost its name as if nothing were, and all of it is lost
  /// at its end.
  private boolean isTheFile() {
    try {
      Object now = Files.readAttributes(database, BasicFileAttributes.class).fileKey();
      return fileKey == null || fileKey.equals(now);
    } catch (IOException e) {
      return false;
    }
  }

  private Outcome refused(SQLException failure) {
    StoreTrouble kind = StoreTrouble.of(failure);
    if (kind == StoreTrouble.STATEMENT) {
      return Outcome.failed(Legible.text(failure.getMessage()));
    }
    String words = StoreTrouble.sentence(failure);
    switch (kind) {
      case CORRUPT -> broken = true;
      // a statement that failed half-way is not to be used again: it "is not executing"
      case INPUT_OUTPUT, READ_ONLY, NO_ROOM -> connectionIsSuspect = true;
      case BUSY, STATEMENT -> {}
    }
    if (!broken) {
      words += "; the next transaction is tried again";
    }
    troubled(words);
    return Outcome.unable(
        kind == StoreTrouble.NO_ROOM ? Outcome.Verdict.NO_ROOM : Outcome.Verdict.UNAVAILABLE,
        "nothing was written: " + words);
  }

  private void troubled(String words) {
    if (!words.equals(trouble)) {
      LOG.error("state is read-only, transactions are refused: {}", words);
    }
    trouble = words;
  }

  private void wroteAgain() {
    if (!trouble.isEmpty()) {
      LOG.info("state is written again; it could not be: {}", trouble);
      trouble = "";
    }
  }

  /// Refuses from now on, and waits until what waits is written; then nobody writes any more.
  void finish() {
    closing = true;
    try {
      while (thread.isAlive() && !waiting.offer(last)) {
        Thread.onSpinWait(); // full: the thread is emptying it
      }
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Finishes and closes the file; the last of all connections to it also tidies the log away.
  @Override
  public void close() {
    finish();
    StoreConnections.closeQuietly(connection.raw());
  }
}
