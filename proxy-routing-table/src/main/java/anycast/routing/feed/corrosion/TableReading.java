package anycast.routing.feed.corrosion;

import anycast.routing.feed.Cells;
import anycast.routing.feed.StateSource.RowSink;
import anycast.routing.feed.Watermark;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/// One reading of a whole table, beside its stream: the same statement, so that an agent serves it
/// from the same subscription, and its change id compares with the stream's.
///
/// **Threading.** One thread.
final class TableReading {
  /// A million rows take some seconds.
  static final Duration LIMIT = Duration.ofSeconds(60);

  private static final int PIECE_BYTES = 16 * 1024;

  /// The stream's name where the agent told none: equal to no followed stream's.
  private static final String UNNAMED = "a reading";

  private final AgentHttp http;
  private final Ticker ticker;
  private final long deadlineNanos;

  TableReading(AgentHttp http, Ticker ticker) {
    this.http = http;
    this.ticker = ticker;
    this.deadlineNanos = ticker.nanos() + LIMIT.toNanos();
  }

  /// Reads it.
  ///
  /// @throws IOException where it could not be read to its end
  Watermark read(URI agent, Statement statement, RowSink rows)
      throws IOException, InterruptedException {
    try (AgentCall call = http.subscribe(agent, statement)) {
      HttpResponse<AgentBody> head = call.head(leftNanos());
      Answer answer = call.answer(head);
      if (answer.status() != 200) {
        throw new IOException(answer.status() + " " + answer.words());
      }
      String stream = answer.subscription().isEmpty() ? UNNAMED : answer.subscription();
      return new Watermark(agent.toString(), stream, read(call, rows));
    } catch (IOException e) {
      throw new IOException(agent + ": " + AgentHttp.words(e), e);
    }
  }

  private long read(AgentCall call, RowSink rows) throws IOException, InterruptedException {
    LineSplitter lines = new LineSplitter();
    byte[] piece = new byte[PIECE_BYTES];
    while (true) {
      int length = call.read(piece, leftNanos());
      if (length < 0) {
        throw new IOException("the agent ended the reading before its end");
      }
      lines.push(piece, 0, length);
      for (var line = lines.next(); line != null; line = lines.next()) {
        Optional<Long> changeId = onLine(StreamLine.of(line), rows);
        if (changeId.isPresent()) {
          return changeId.get();
        }
      }
    }
  }

  /// @return the change id at which the reading ended
  private static Optional<Long> onLine(StreamLine line, RowSink rows) throws IOException {
    switch (line) {
      case StreamLine.Row(long rowid, Cells cells) -> rows.row(rowid, cells);
      case StreamLine.EndOfQuery(OptionalLong changeId) -> {
        return Optional.of(
            changeId.orElseThrow(() -> new IOException("an end of query without its change id")));
      }
      case StreamLine.Change _ -> throw new IOException("a change before the reading's end");
      case StreamLine.Failure(String message) -> throw new IOException(message);
      case StreamLine.Columns _, StreamLine.Unknown _ -> {}
    }
    return Optional.empty();
  }

  private long leftNanos() throws IOException {
    long left = deadlineNanos - ticker.nanos();
    if (left <= 0) {
      throw new IOException("the reading took longer than " + LIMIT.toSeconds() + " s");
    }
    return left;
  }
}
