package anycast.routing.feed.corrosion;

import anycast.routing.feed.Cells;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Writes and asks state, one call at a time.
///
/// **Threading.** Any thread; calls block. **Limits.** A call takes at most its limit, usually 20
/// s, from connecting to the last byte of the answer, for all agents together. **Faults.** An agent
/// that cannot be connected to is passed over for the next one. After that nothing is tried twice:
/// a write that got no whole answer may have happened, and the caller knows whether repeating it is
/// harmless (writing whole rows is).
public final class StateClient implements AutoCloseable {
  /// An agent's own limit for one query is 15 s.
  public static final Duration USUAL_LIMIT = Duration.ofSeconds(20);

  /// A row that is longer than this, as JSON with its number, is followed by nobody.
  public static final int MAX_ROW_BYTES = LineSplitter.MAX_LINE_BYTES;

  /// Who asks for rows wants to see, and to delete, also those that nobody follows: as long as a
  /// store takes any in.
  private static final int MAX_ANSWERED_BYTES = 32 << 20;

  /// An answer to a transaction has some bytes a statement.
  private static final int MAX_ANSWER_BYTES = 16 << 20;

  private static final int PIECE_BYTES = 16 * 1024;

  private final List<URI> urls;
  private final AgentHttp http;
  private final Ticker ticker;
  private final Duration limit;
  private volatile int preferred;

  /// @param urls agents in order of preference; the one that answered last is asked first
  public StateClient(List<URI> urls, Optional<String> token) {
    this(CorrosionConfig.of(urls, token));
  }

  /// @param config whose region and stickiness do not matter here
  public StateClient(CorrosionConfig config) {
    this(config, USUAL_LIMIT, Ticker.system());
  }

  /// @param limit for one call, its answer's last byte included
  public StateClient(CorrosionConfig config, Duration limit, Ticker ticker) {
    this.urls = config.urls();
    this.http = new AgentHttp(config, ticker);
    this.limit = limit;
    this.ticker = ticker;
  }

  /// What a transaction did.
  ///
  /// @param rowsAffected one a statement
  /// @param version the node's new version; empty = nothing changed
  public record Committed(List<Long> rowsAffected, OptionalLong version, String actor) {
    public Committed {
      rowsAffected = List.copyOf(rowsAffected);
    }
  }

  /// Runs all statements in one transaction: all or nothing.
  public Committed transact(List<Statement> statements)
      throws StateException, InterruptedException {
    String body =
        AgentHttp.json(out -> {
          out.writeStartArray();
          for (Statement statement : statements) {
            AgentHttp.write(out, statement);
          }
          out.writeEndArray();
        });
    return ask("/v1/transactions", body, StateClient::committed);
  }

  private static Committed committed(Exchange exchange) throws IOException, InterruptedException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE_BYTES];
    for (int read = exchange.read(piece); read >= 0; read = exchange.read(piece)) {
      whole.write(piece, 0, read);
      if (whole.size() > MAX_ANSWER_BYTES) {
        throw new IOException("an answer of more than " + MAX_ANSWER_BYTES + " bytes");
      }
    }
    JsonNode answer = AgentHttp.tree(whole.toByteArray());
    if (!answer.path("results").isArray()) {
      throw new IOException("an answer without results");
    }
    List<Long> rows = new ArrayList<>();
    for (JsonNode result : answer.path("results")) {
      if (result.path("error").isTextual()) {
        throw new StateException(200, result.path("error").asText());
      }
      rows.add(result.path("rows_affected").asLong());
    }
    JsonNode version = answer.path("version");
    return new Committed(
        rows,
        version.isIntegralNumber() ? OptionalLong.of(version.asLong()) : OptionalLong.empty(),
        answer.path("actor_id").asText());
  }

  /// Reads rows; each cell `null`, `Long`, `Double`, `String`, `Boolean` or `byte[]`.
  public List<List<Object>> query(Statement statement) throws StateException, InterruptedException {
    String body = AgentHttp.json(out -> AgentHttp.write(out, statement));
    return ask("/v1/queries", body, StateClient::rows);
  }

  private static List<List<Object>> rows(Exchange exchange)
      throws IOException, InterruptedException {
    List<List<Object>> rows = new ArrayList<>();
    LineSplitter lines = new LineSplitter(MAX_ANSWERED_BYTES);
    byte[] piece = new byte[PIECE_BYTES];
    for (int read = exchange.read(piece); read >= 0; read = exchange.read(piece)) {
      lines.push(piece, 0, read);
      for (var line = lines.next(); line != null; line = lines.next()) {
        switch (StreamLine.of(line)) {
          case StreamLine.Row(_, Cells.Values(List<Object> values)) -> rows.add(values);
          case StreamLine.Row(long rowid, Cells.Unreadable(String reason, var _)) ->
              throw new StateException(200, "row " + rowid + ": " + reason);
          case StreamLine.Failure(String message) -> throw new StateException(200, message);
          case StreamLine.EndOfQuery _ -> {
            return rows;
          }
          case StreamLine.Columns _, StreamLine.Change _, StreamLine.Unknown _ -> {}
        }
      }
    }
    throw new StateException(200, "the query's answer has no end: it is not complete");
  }

  /// An answer of 200 whose body is still to be read, within what is left of the limit.
  private record Exchange(AgentCall call, Deadline deadline) {
    int read(byte[] into) throws IOException, InterruptedException {
      return call.read(into, deadline.leftNanos());
    }
  }

  /// The end of a call's time.
  private record Deadline(Duration limit, Ticker ticker, long atNanos) {
    long leftNanos() throws HttpTimeoutException {
      long left = atNanos - ticker.nanos();
      if (left <= 0) {
        throw new HttpTimeoutException("not within " + limit.toSeconds() + " s");
      }
      return left;
    }
  }

  /// Reads an answer.
  private interface Reading<T> {
    T of(Exchange exchange) throws IOException, InterruptedException;
  }

  private <T> T ask(String path, String body, Reading<T> reading)
      throws StateException, InterruptedException {
    Deadline deadline = new Deadline(limit, ticker, ticker.nanos() + limit.toNanos());
    int first = preferred;
    StateException last = null;
    for (int i = 0; i < urls.size(); i++) {
      int index = (first + i) % urls.size();
      URI url = urls.get(index);
      try (AgentCall call = http.call(url, path, Optional.of(body))) {
        var head = call.head(deadline.leftNanos());
        preferred = index;
        if (head.statusCode() != 200) {
          String said = call.refusal();
          throw new StateException(
              head.statusCode(), url + " answered " + refusal(head.statusCode(), said));
        }
        return reading.of(new Exchange(call, deadline));
      } catch (StateException e) {
        throw e;
      } catch (ConnectException | HttpConnectTimeoutException e) {
        last = new StateException("cannot connect to " + url, e);
      } catch (IOException e) {
        throw new StateException("no whole answer from " + url + ": " + AgentHttp.words(e), e);
      }
    }
    throw last;
  }

  private static String refusal(int status, String said) {
    String what = status == 401 ? "401, the bearer token is missing or wrong" : status + "";
    return said.isEmpty() ? what : what + ": " + said;
  }

  @Override
  public void close() {
    http.close();
  }
}
