package anycast.load.state;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/// A subscription that does nothing but read: it tells each number that comes between two `@`.
final class RawSubscriber implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final Socket socket;
  private final LongConsumer seen;
  private final Thread thread;
  private volatile boolean ended;

  /// @param seen told each number, on a thread of its own
  RawSubscriber(URI store, String sql, LongConsumer seen) throws IOException {
    this.seen = seen;
    socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(store.getHost(), store.getPort()));
    byte[] body = ('"' + sql + '"').getBytes(StandardCharsets.US_ASCII);
    String head =
        "POST /v1/subscriptions?skip_rows=true HTTP/1.1\r\nhost: state\r\n"
            + "content-type: application/json\r\ncontent-length: "
            + body.length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(body);
    socket.getOutputStream().flush();
    InputStream in = socket.getInputStream();
    awaitHead(in);
    thread = Thread.ofVirtual().start(() -> read(in));
  }

  private static void awaitHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + head);
      }
      head.append((char) next);
    }
    if (!head.toString().startsWith("HTTP/1.1 200")) {
      throw new IOException("refused: " + head.toString().lines().findFirst().orElse(""));
    }
  }

  private void read(InputStream in) {
    byte[] buffer = new byte[BUFFER_BYTES];
    long number = -1;
    try {
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        for (int i = 0; i < length; i++) {
          byte b = buffer[i];
          if (b == '@') {
            if (number > 0) {
              seen.accept(number);
              number = -1;
            } else {
              number = 0;
            }
          } else if (number >= 0) {
            number = b >= '0' && b <= '9' ? number * 10 + b - '0' : -1;
          }
        }
      }
    } catch (IOException e) {
      // as an end
    }
    ended = true;
  }

  /// Whether the store ended it.
  boolean ended() {
    return ended;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    thread.interrupt();
  }
}
