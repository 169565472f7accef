package anycast.routing.feed;

import anycast.routing.document.DocumentReading;
import anycast.routing.model.Entity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/// Reads for an audit and hands what it reads to the core in slices, so that the writer has at most
/// one slice to compare between two batches of events.
///
/// **Threading.** A virtual thread of its own for each audit; waits for the writer after each
/// slice.
final class Auditor implements Runnable {
  /// About a millisecond of comparing.
  private static final int SLICE = 2_048;

  /// How it reaches the core.
  interface Writer {
    /// Runs a step on the writer's thread and waits for it.
    void run(Consumer<Moment> step) throws InterruptedException, ExecutionException;
  }

  private final FeedCore core;
  private final Map<String, StateSource> sources;
  private final Consumer<Consumer<Entity>> inForce;
  private final DocumentReading documents;
  private final Writer writer;

  Auditor(
      FeedCore core,
      Map<String, StateSource> sources,
      Consumer<Consumer<Entity>> inForce,
      DocumentReading documents,
      Writer writer) {
    this.core = core;
    this.sources = sources;
    this.inForce = inForce;
    this.documents = documents;
    this.writer = writer;
  }

  /// A step that could not be taken, on its way through code that knows only one kind of fault.
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    Stopped(Throwable cause) {
      super(cause);
    }
  }

  @Override
  public void run() {
    try {
      List<FeedId> feeds = new ArrayList<>();
      boolean[] ours = {false};
      step(now -> {
        if (!core.auditing()) {
          feeds.addAll(core.auditBegun(now));
          ours[0] = true;
        }
      });
      if (ours[0]) {
        feeds.forEach(this::read);
        readInForce();
      }
    } catch (Stopped e) {
      // The follower closes, or the core said why; an audit without end is given up by the core.
      Thread.currentThread().interrupt();
    }
  }

  private void read(FeedId feed) {
    List<ReadRow> rows = new ArrayList<>(SLICE);
    String fault = "";
    try {
      sources
          .get(feed.source())
          .read(
              feed.table(),
              (_, cells) -> {
                rows.add(ReadRow.of(feed.table(), cells, documents));
                if (rows.size() == SLICE) {
                  tell(feed, rows);
                }
              });
      tell(feed, rows);
    } catch (IOException e) {
      fault = "it could not be read: " + Legible.text(e.getMessage());
    } catch (InterruptedException e) {
      throw new Stopped(e);
    }
    String why = fault;
    step(now -> core.onAuditRead(feed, why, now));
  }

  private void tell(FeedId feed, List<ReadRow> rows) {
    List<ReadRow> slice = List.copyOf(rows);
    rows.clear();
    step(_ -> core.onAuditRows(feed, slice));
  }

  private void readInForce() {
    List<Entity> entities = new ArrayList<>(SLICE);
    inForce.accept(entity -> {
      entities.add(entity);
      if (entities.size() == SLICE) {
        List<Entity> slice = List.copyOf(entities);
        entities.clear();
        step(_ -> core.onAuditInForce(slice));
      }
    });
    step(now -> {
      core.onAuditInForce(entities);
      core.onAuditInForceEnd(now);
    });
  }

  private void step(Consumer<Moment> step) {
    try {
      writer.run(step);
    } catch (InterruptedException | ExecutionException e) {
      throw new Stopped(e);
    }
  }
}
