package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/// The endpoints of Corrosion's HTTP API that this store answers.
///
/// **Threading.** Any virtual thread. SQLite runs on a few platform threads of its own, since a
/// native call would hold a virtual thread's carrier.
final class StateApi implements AutoCloseable {
  /// Queries at a time; more wait for their turn.
  private static final int READING_THREADS = 4;

  private static final double NANOS_PER_SECOND = 1e9;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final StateStore store;
  private final Matching matching;
  private final QueryRunner queries;
  private final Optional<byte[]> bearer;
  private final Ticker ticker;
  private final ExecutorService reading =
      Executors.newFixedThreadPool(
          READING_THREADS, Thread.ofPlatform().name("state-reading-", 0).daemon(true).factory());

  StateApi(StateStore store, Matching matching, Optional<String> token, Ticker ticker) {
    this.store = store;
    this.matching = matching;
    this.queries = new QueryRunner(store, ticker);
    this.bearer = token.map(t -> ("Bearer " + t).getBytes(StandardCharsets.UTF_8));
    this.ticker = ticker;
  }

  Reply answer(HttpMessage request) throws InterruptedException {
    if (bearer.isPresent() && !authorised(request)) {
      return new Reply.Whole(401, "", new byte[0]);
    }
    try {
      return routed(request);
    } catch (JsonProcessingException e) {
      return Reply.text(
          400, "the body is not JSON: " + Legible.text(e.getOriginalMessage()) + "\n");
    } catch (IOException | SqlStatement.ShapeException e) {
      return Reply.text(422, Legible.text(e.getMessage()) + "\n");
    } catch (IllegalArgumentException e) {
      return Reply.error(400, Legible.text(e.getMessage()));
    } catch (RejectedExecutionException e) {
      return Reply.error(503, "the store is stopping: nothing was done");
    }
  }

  private boolean authorised(HttpMessage request) {
    byte[] given =
        request.fields().getOrDefault("authorization", "").getBytes(StandardCharsets.ISO_8859_1);
    return MessageDigest.isEqual(given, bearer.orElseThrow());
  }

  private Reply routed(HttpMessage request)
      throws IOException, SqlStatement.ShapeException, InterruptedException {
    String path = request.path();
    if (path.startsWith("/v1/subscriptions/")) {
      return request.method().equals("GET") ? resume(request) : notAllowed();
    }
    return switch (path) {
      case "/v1/transactions" -> isPost(request) ? transact(request) : notAllowed();
      case "/v1/queries" -> isPost(request) ? query(request) : notAllowed();
      case "/v1/subscriptions" -> isPost(request) ? subscribe(request) : notAllowed();
      case "/v1/table_stats" -> isPost(request) ? tableStats(request) : notAllowed();
      case "/v1/health" -> request.method().equals("GET") ? health() : notAllowed();
      default -> Reply.error(404, "no such endpoint");
    };
  }

  private static boolean isPost(HttpMessage request) {
    return request.method().equals("POST");
  }

  private static Reply notAllowed() {
    return Reply.error(405, "not with this method");
  }

  private static Optional<Reply> unfit(HttpMessage request) {
    String type = request.fields().getOrDefault("content-type", "").toLowerCase(Locale.ROOT);
    int semicolon = type.indexOf(';');
    String essence = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
    return essence.equals("application/json")
        ? Optional.empty()
        : Optional.of(Reply.text(415, "content-type wants application/json\n"));
  }

  private Reply transact(HttpMessage request)
      throws IOException, SqlStatement.ShapeException, InterruptedException {
    Optional<Reply> unfit = unfit(request);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    JsonNode body = JSON.readTree(request.body());
    if (!body.isArray()) {
      throw new SqlStatement.ShapeException("a transaction wants an array of statements");
    }
    if (body.isEmpty()) {
      return Reply.error(400, "at least 1 statement is required");
    }
    List<SqlStatement> statements = new ArrayList<>();
    for (JsonNode statement : body) {
      statements.add(SqlStatement.of(statement));
    }
    long startedNanos = ticker.nanos();
    StateStore.Outcome outcome = store.transact(statements);
    return Reply.json(outcome.status(), json(outcome, ticker.nanos() - startedNanos));
  }

  private String json(StateStore.Outcome outcome, long nanos) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode results = answer.putArray("results");
    for (StateStore.Result result : outcome.results()) {
      if (result.error().isEmpty()) {
        results
            .addObject()
            .put("rows_affected", result.rowsAffected())
            .put("time", result.nanos() / NANOS_PER_SECOND);
      } else {
        results.addObject().put("error", result.error());
      }
    }
    answer.put("time", outcome.error().isEmpty() ? nanos / NANOS_PER_SECOND : 0.0);
    if (outcome.version().isPresent()) {
      answer.put("version", outcome.version().getAsLong());
    } else {
      answer.putNull("version");
    }
    return answer.put("actor_id", store.actor()).toString();
  }

  private Reply query(HttpMessage request)
      throws IOException, SqlStatement.ShapeException, InterruptedException {
    Optional<Reply> unfit = unfit(request);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    SqlStatement statement = SqlStatement.of(JSON.readTree(request.body()));
    return on(reading, () -> queries.run(statement));
  }

  private Reply subscribe(HttpMessage request)
      throws IOException, SqlStatement.ShapeException, InterruptedException {
    Optional<Reply> unfit = unfit(request);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    SqlStatement statement = SqlStatement.of(JSON.readTree(request.body()));
    SelectShape shape = SelectShape.of(statement.expanded());
    return reply(matching.subscribe(shape.visible(), wish(request)));
  }

  private Reply resume(HttpMessage request) throws InterruptedException {
    String text = request.path().substring("/v1/subscriptions/".length());
    UUID id;
    try {
      id = UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return Reply.error(400, "a subscription id wants to be a UUID");
    }
    return reply(matching.resume(id, wish(request)));
  }

  private static Matching.Wish wish(HttpMessage request) {
    String from = request.query().get("from");
    long change = -1;
    if (from != null) {
      try {
        change = Long.parseLong(from);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("from wants a change id", e);
      }
      if (change < 0) {
        throw new IllegalArgumentException("from wants a change id");
      }
    }
    return new Matching.Wish(change, "true".equals(request.query().get("skip_rows")));
  }

  private static Reply reply(Matching.Answer answer) {
    return switch (answer) {
      case Matching.Answer.Following(UUID id, String hash, Subscriber subscriber) ->
          new Reply.Streamed(id, hash, subscriber);
      case Matching.Answer.Refused(int status, String reason) -> Reply.error(status, reason);
    };
  }

  private Reply tableStats(HttpMessage request) throws IOException, InterruptedException {
    Optional<Reply> unfit = unfit(request);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    List<Table> known = new ArrayList<>();
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode invalid = JSON.createArrayNode();
    for (JsonNode name : JSON.readTree(request.body()).path("tables")) {
      Table.of(name.asText()).ifPresentOrElse(known::add, () -> invalid.add(name.asText()));
    }
    return on(
        reading,
        () -> {
          answer.put("total_row_count", queries.count(known));
          answer.set("invalid_tables", invalid);
          return Reply.json(200, answer.toString());
        });
  }

  /// A single node has no gaps, no peers and no lag.
  private static Reply health() {
    return Reply.json(
        200, "{\"response\":{\"gaps\":0,\"members\":1,\"p99_lag\":0.0,\"queue_size\":0}}");
  }

  private static <T> T on(ExecutorService threads, Callable<T> work) throws InterruptedException {
    try {
      return threads.submit(work).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /// Waits for nobody: what runs on SQLite ends by itself before the store closes.
  @Override
  public void close() {
    store.stopWriting();
    reading.shutdown();
  }
}
