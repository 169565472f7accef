package anycast.routing.feed.corrosion;

import anycast.routing.feed.Cells;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Writes and asks state, one call at a time.
///
/// **Threading.** Any thread; calls block, at most some 20 s where the agent is silent. **Faults.**
/// An agent that cannot be connected to is passed over for the next one. After that nothing is
/// tried twice: a write that got no answer may have happened, and the caller knows whether
/// repeating it is harmless (writing whole rows is).
public final class StateClient implements AutoCloseable {
  /// An answer to a transaction has some bytes a statement.
  private static final int MAX_ANSWER_BYTES = 16 << 20;

  private final List<URI> urls;
  private final AgentHttp http;
  private volatile int preferred;

  /// @param urls agents in order of preference; the one that answered last is asked first
  public StateClient(List<URI> urls, Optional<String> token) {
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("no agent to write to");
    }
    this.urls = List.copyOf(urls);
    this.http = new AgentHttp(token);
  }

  /// @param config whose region and stickiness do not matter here
  public StateClient(CorrosionConfig config) {
    this(config.urls(), config.token());
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
    HttpResponse<InputStream> answer = post("/v1/transactions", body);
    try (InputStream in = answer.body()) {
      return committed(AgentHttp.tree(in.readNBytes(MAX_ANSWER_BYTES)));
    } catch (IOException e) {
      throw new StateException("the transaction's answer could not be read: " + e.getMessage(), e);
    }
  }

  private static Committed committed(JsonNode answer) throws StateException {
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
    HttpResponse<InputStream> answer = post("/v1/queries", body);
    List<List<Object>> rows = new ArrayList<>();
    try (InputStream in = answer.body()) {
      LineReader lines = new LineReader(in);
      for (LineReader.Line line = lines.next(); line != null; line = lines.next()) {
        switch (StreamLine.of(
            new LineSplitter.Line(line.bytes(), 0, line.length(), line.overlong()))) {
          case StreamLine.Row(_, Cells.Values(List<Object> values)) -> rows.add(values);
          case StreamLine.Row(long rowid, Cells.Unreadable(String reason)) ->
              throw new StateException(200, "row " + rowid + ": " + reason);
          case StreamLine.Failure(String message) -> throw new StateException(200, message);
          case StreamLine.EndOfQuery _ -> {
            return rows;
          }
          case StreamLine.Columns _, StreamLine.Change _, StreamLine.Unknown _ -> {}
        }
      }
    } catch (StateException e) {
      throw e;
    } catch (IOException e) {
      throw new StateException("the query's answer could not be read: " + e.getMessage(), e);
    }
    throw new StateException(200, "the query's answer has no end: it is not complete");
  }

  private HttpResponse<InputStream> post(String path, String body)
      throws StateException, InterruptedException {
    int first = preferred;
    StateException last = null;
    for (int i = 0; i < urls.size(); i++) {
      int index = (first + i) % urls.size();
      URI url = urls.get(index);
      try {
        HttpResponse<InputStream> answer = http.open(url, path, Optional.of(body));
        preferred = index;
        if (answer.statusCode() != 200) {
          throw new StateException(
              answer.statusCode(), url + " answered " + AgentHttp.refusal(answer));
        }
        return answer;
      } catch (StateException e) {
        throw e;
      } catch (ConnectException | HttpConnectTimeoutException e) {
        last = new StateException("cannot connect to " + url, e);
      } catch (IOException e) {
        throw new StateException(url + " did not answer: " + e.getMessage(), e);
      }
    }
    throw last;
  }

  @Override
  public void close() {
    http.close();
  }
}
