package anycast.routing.feed.corrosion;

import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One request on its way, and its answer.
///
/// **Threading.** One thread waits for head and body; [#breakOff] is for all, at any time.
/// **Ownership.** Whoever made it closes it, which frees the connection whatever state it is in.
final class AgentCall implements AutoCloseable {
  /// Enough of an error body for a sentence, and how long that may take.
  private static final int ERROR_BYTES = 1024;

  private static final Duration ERROR_LIMIT = Duration.ofSeconds(5);

  private static final OptionalLong NOT_SAID = OptionalLong.empty();

  private final Ticker ticker;
  private final AgentBody body;
  private final CompletableFuture<HttpResponse<AgentBody>> answer;

  AgentCall(AgentBody body, CompletableFuture<HttpResponse<AgentBody>> answer, Ticker ticker) {
    this.ticker = ticker;
    this.body = body;
    this.answer = answer;
  }

  /// Waits for the head of the answer.
  HttpResponse<AgentBody> head(long limitNanos) throws IOException, InterruptedException {
    try {
      return answer.get(limitNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      long seconds = Duration.ofNanos(limitNanos).toSeconds();
      throw new HttpTimeoutException("no answer within " + seconds + " s");
    } catch (CancellationException e) {
      throw new IOException(String.valueOf(body.brokenOff()), e);
    } catch (ExecutionException e) {
      if (body.brokenOff() != null) {
        throw new IOException(body.brokenOff(), e);
      }
      throw e.getCause() instanceof IOException cause
          ? cause
          : new IOException(String.valueOf(e.getCause()), e.getCause());
    }
  }

  /// Reads some of the body; see [AgentBody#read].
  int read(byte[] into, long limitNanos) throws IOException, InterruptedException {
    return body.read(into, limitNanos);
  }

  /// What a head says to a stream; where it is no 200, with what its body says.
  Answer answer(HttpResponse<AgentBody> head) throws InterruptedException {
    return new Answer(
        head.statusCode(),
        head.headers().firstValue("corro-query-id").orElse(""),
        head.headers().firstValue("corro-query-hash").orElse(""),
        head.headers().firstValue("retry-after").map(AgentCall::seconds).orElse(NOT_SAID),
        head.statusCode() == 200 ? "" : refusal());
  }

  /// The other form of that header, a date, is not worth a clock.
  private static OptionalLong seconds(String value) {
    return value.matches("\\d{1,9}") ? OptionalLong.of(Long.parseLong(value)) : NOT_SAID;
  }

  /// What the body of an answer other than 200 says; empty = nothing legible.
  String refusal() throws InterruptedException {
    byte[] said = new byte[ERROR_BYTES];
    byte[] some = new byte[ERROR_BYTES];
    int length = 0;
    long deadlineNanos = ticker.nanos() + ERROR_LIMIT.toNanos();
    try {
      for (int read = 0; read >= 0 && length < ERROR_BYTES; ) {
        read = body.read(some, deadlineNanos - ticker.nanos());
        int more = Math.clamp(read, 0, ERROR_BYTES - length);
        System.arraycopy(some, 0, said, length, more);
        length += more;
      }
    } catch (IOException e) {
      // what came is all that it says
    }
    return AgentHttp.words(Arrays.copyOf(said, length));
  }

  /// Ends the exchange from our side, at once; whoever waits for it is told why.
  void breakOff(String why) {
    body.breakOff(why);
    answer.cancel(true);
  }

  /// Whether it was broken off from our side.
  boolean brokenOff() {
    return body.brokenOff() != null;
  }

  @Override
  public void close() {
    breakOff("closed");
  }
}
