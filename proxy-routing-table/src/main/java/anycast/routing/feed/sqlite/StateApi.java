package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import anycast.routing.feed.sqlite.LoadGates.Route;
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
import java.time.Duration;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The endpoints of Corrosion's HTTP API that this store answers.
///
/// **Threading.** Any virtual thread. SQLite runs on a few platform threads of its own, since a
/// native call would hold a virtual thread's carrier.
final class StateApi implements AutoCloseable {
  /// Queries at a time; more wait for their turn.
  private static final int READING_THREADS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(StateApi.class);

  /// More than SQLite waits for a lock.
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private static final String ENDPOINT_FIELD = "x-corrosion-requested-endpoint-name";

  /// What a client gets that wants no limit.
  private static final Duration UNLIMITED = Duration.ofHours(1);

  private static final double NANOS_PER_SECOND = 1e9;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final StateStore store;
  private final Matching matching;
  private final QueryRunner queries;
  private final Optional<byte[]> bearer;
  private final Optional<String> endpointName;
  private final LoadGates gates = new LoadGates();
  private final Ticker ticker;
  private final ExecutorService reading =
      Executors.newFixedThreadPool(
          READING_THREADS, Thread.ofPlatform().name("state-reading-", 0).daemon(true).factory());

  private volatile boolean closed;

  StateApi(StateStore store, Matching matching, ServerSettings settings, Ticker ticker) {
    this.store = store;
    this.matching = matching;
    this.queries = new QueryRunner(store, ticker);
    this.bearer = settings.token().map(t -> ("Bearer " + t).getBytes(StandardCharsets.UTF_8));
    this.endpointName = settings.endpointName();
    this.ticker = ticker;
  }

  Reply answer(HttpMessage request) throws InterruptedException {
    if (bearer.isPresent() && !authorised(request)) {
      return new Reply.Whole(401, "", new byte[0]);
    }
    if (!isMeant(request)) {
      return Reply.text(421, "this is another endpoint than the one that was asked for\n");
    }
    Optional<Route> route = Route.of(request.path());
    if (route.isEmpty()) {
      return Reply.error(404, "no such endpoint");
    }
    if (!request.method().equals(route.get().method())) {
      return Reply.error(405, "not with this method");
    }
    if (closed) {
      return stopping();
    }
    if (!gates.enter(route.get())) {
      return Reply.text(503, LoadGates.REFUSAL);
    }
    try {
      return worked(route.get(), request);
    } catch (JsonProcessingException e) {
      return Reply.text(
          400, "the body is not JSON: " + Legible.text(e.getOriginalMessage()) + "\n");
    } catch (IOException | SqlStatement.ShapeException e) {
      return Reply.text(422, Legible.text(e.getMessage()) + "\n");
    } catch (IllegalArgumentException e) {
      return Reply.error(400, Legible.text(e.getMessage()));
    } catch (RejectedExecutionException e) {
      return stopping();
    } finally {
      gates.leave(route.get());
    }
  }

  private static Reply stopping() {
    return Reply.error(503, "the store is stopping: nothing was done");
  }

  private boolean authorised(HttpMessage request) {
    byte[] given =
        request.fields().getOrDefault("authorization", "").getBytes(StandardCharsets.ISO_8859_1);
    return MessageDigest.isEqual(given, bearer.orElseThrow());
  }

  /// A client that says whom it means must not read another by mistake.
  private boolean isMeant(HttpMessage request) {
    String named = request.fields().get(ENDPOINT_FIELD);
    return named == null || endpointName.isEmpty() || named.equals(endpointName.get());
  }

  private Reply worked(Route route, HttpMessage request)
      throws IOException, SqlStatement.ShapeException, InterruptedException {
    return switch (route) {
      case TRANSACTIONS -> transact(request);
      case QUERIES -> query(request);
      case SUBSCRIPTIONS -> subscribe(request);
      case SUBSCRIPTION_BY_ID -> resume(request);
      case UPDATES -> updates(request);
      case TABLE_STATS -> tableStats(request);
      case HEALTH -> Health.answer(transactions(), request.query());
    };
  }

  /// How many wait or are in work.
  private int transactions() {
    return gates.inside(Route.TRANSACTIONS);
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
    StateStore.Outcome outcome = store.transact(statements, shorter(timeout(request)));
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
    Duration limit = timeout(request);
    return on(reading, () -> queries.run(statement, limit));
  }

  /// One writer serves all: nobody may hold it for longer than the store allows.
  private static Duration shorter(Duration timeout) {
    return timeout.compareTo(TimeLimit.LONGEST) < 0 ? timeout : TimeLimit.LONGEST;
  }

  /// `timeout` in seconds; 0 = none, which still has its bound.
  private static Duration timeout(HttpMessage request) {
    String text = request.query().get("timeout");
    if (text == null) {
      return TimeLimit.LONGEST;
    }
    long seconds = number("timeout", text);
    return seconds == 0 || seconds > UNLIMITED.toSeconds()
        ? UNLIMITED
        : Duration.ofSeconds(seconds);
  }

  private static long number(String name, String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException(name + " wants a number, got " + Legible.text(text));
  }

  private Reply subscribe(HttpMessage request)
      throws IOException, SqlStatement.ShapeException, InterruptedException {
    Optional<Reply> unfit = unfit(request);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    SqlStatement statement = SqlStatement.of(JSON.readTree(request.body()));
    SelectShape shape;
    try {
      shape = SelectShape.of(statement.expanded());
    } catch (IllegalArgumentException e) {
      return refused(400, Legible.text(e.getMessage()));
    }
    return reply(matching.subscribe(shape.visible(), wish(request)));
  }

  private Reply resume(HttpMessage request) throws InterruptedException {
    String text = request.path().substring("/v1/subscriptions/".length());
    UUID id;
    try {
      id = UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return Reply.text(400, "a subscription id wants to be a UUID\n");
    }
    return reply(matching.resume(id, wish(request)));
  }

  private Reply updates(HttpMessage request) throws InterruptedException {
    String name = request.path().substring("/v1/updates/".length());
    Optional<Table> table = Table.of(name);
    return table.isEmpty()
        ? refused(400, "no such table: " + Legible.text(name))
        : reply(matching.notices(table.get()));
  }

  private static FollowedQuery.Wish wish(HttpMessage request) {
    String from = request.query().get("from");
    return new FollowedQuery.Wish(
        from == null ? -1 : number("from", from), "true".equals(request.query().get("skip_rows")));
  }

  /// As an agent says it: JSON that calls itself so, and ends without a newline, only for an id
  /// that is unknown.
  private static Reply refused(int status, String reason) {
    if (reason.equals(LoadGates.REFUSAL)) {
      return Reply.text(status, reason);
    }
    return status == 404
        ? Reply.json(404, StreamLines.errorText(reason))
        : new Reply.Whole(status, "", StreamLines.error(reason));
  }

  private static Reply reply(Matching.Answer answer) {
    return switch (answer) {
      case Matching.Answer.Following(
              UUID id,
              String hash,
              FollowedQuery.Opening opening,
              Subscriber subscriber) ->
          new Reply.Streamed(id, hash, opening, subscriber);
      case Matching.Answer.Refused(int status, String reason) -> refused(status, reason);
    };
  }

  private Reply tableStats(HttpMessage request)
      throws IOException, SqlStatement.ShapeException, InterruptedException {
    Optional<Reply> unfit = unfit(request);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    JsonNode names = JSON.readTree(request.body()).path("tables");
    if (!names.isArray()) {
      throw new SqlStatement.ShapeException("table stats want {\"tables\": [names]}");
    }
    List<Table> known = new ArrayList<>();
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode invalid = JSON.createArrayNode();
    for (JsonNode name : names) {
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

  private static <T> T on(ExecutorService threads, Callable<T> work) throws InterruptedException {
    try {
      return threads.submit(work).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /// Refuses what comes, and waits for the transactions that are in work: what they change is still
  /// told to readers.
  @Override
  public void close() {
    closed = true;
    store.stopWriting();
    reading.shutdown();
    try {
      if (!gates.awaitNobody(Route.TRANSACTIONS, CLOSE_TIMEOUT)) {
        LOG.warn("a transaction did not end within {}", CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
