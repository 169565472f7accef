package anycast.demo;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/// Asks an admin socket, and waits no longer than it is told to: a process that is stopped takes
/// connections and says nothing.
///
/// **Threading.** Any.
public final class AdminProbe {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int BLOCK_BYTES = 16 * 1024;

  private final Ticker ticker;

  public AdminProbe(Ticker ticker) {
    this.ticker = ticker;
  }

  /// What a page says.
  ///
  /// @throws SocketTimeoutException when it took longer than `limit`
  public JsonNode ask(Path socket, String page, Duration limit) throws IOException {
    return JSON.readTree(body(exchange(socket, "GET " + page, limit)));
  }

  /// Has a page do something.
  ///
  /// @throws IOException where it refuses, too
  public JsonNode post(Path socket, String page, Duration limit) throws IOException {
    String answer = exchange(socket, "POST " + page, limit);
    if (!answer.startsWith("HTTP/1.1 200")) {
      throw new IOException(answer.lines().findFirst().orElse("nothing") + ": " + body(answer));
    }
    return JSON.readTree(body(answer));
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  private String exchange(Path socket, String line, Duration limit) throws IOException {
    long deadlineNanos = ticker.nanos() + limit.toNanos();
    String request =
        "%s HTTP/1.1\r\nhost: admin\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .formatted(line);
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      ByteBuffer some = ByteBuffer.allocate(BLOCK_BYTES);
      while (true) {
        long leftMillis = (deadlineNanos - ticker.nanos()) / 1_000_000;
        if (leftMillis <= 0 || selector.select(leftMillis) == 0) {
          throw new SocketTimeoutException(socket + " says nothing");
        }
        selector.selectedKeys().clear();
        if (channel.read(some) < 0) {
          return all.toString(StandardCharsets.UTF_8);
        }
        all.write(some.array(), 0, some.position());
        some.clear();
      }
    }
  }
}
