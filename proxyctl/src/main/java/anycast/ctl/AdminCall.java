package anycast.ctl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// One question to a process, and its answer within a deadline.
///
/// The socket is a blocking one, and a timer closes it under whatever call waits: connect to a full
/// backlog, write, or read. So no state of the other process can hold the operator up.
///
/// **Threading.** One thread asks; the timer is a daemon that ends with the question.
final class AdminCall {
  /// Longest answer; our largest page has 10,000 rows of 200 bytes.
  static final int MAX_ANSWER_BYTES = 64 << 20;

  private final Path socket;
  private final Duration timeout;

  AdminCall(Path socket, Duration timeout) {
    this.socket = socket;
    this.timeout = timeout;
  }

  /// An answer as it came.
  ///
  /// @param status of HTTP
  record Answer(int status, String body) {}

  /// Asks `GET path?query`, or has something done by `POST path?query`.
  Answer ask(String method, String path, Map<String, String> query) throws CtlFault {
    AtomicBoolean late = new AtomicBoolean();
    CountDownLatch answered = new CountDownLatch(1);
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      Thread.ofPlatform().daemon().name("deadline").start(() -> watch(channel, answered, late));
      channel.connect(UnixDomainSocketAddress.of(socket));
      byte[] request =
          (method
                  + " "
                  + target(path, query)
                  + " HTTP/1.1\r\nhost: admin\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      for (ByteBuffer bytes = ByteBuffer.wrap(request); bytes.hasRemaining(); ) {
        channel.write(bytes);
      }
      return parse(readAll(channel));
    } catch (IOException | IllegalArgumentException e) {
      throw late.get()
          ? new CtlFault(
              socket
                  + " did not answer within "
                  + Durations.show(timeout)
                  + ": its process is stopped or stuck; proxyctl flight tells what it works on",
              e)
          : new CtlFault(socket + " cannot be asked: " + reason(e), e);
    } finally {
      answered.countDown();
    }
  }

  private void watch(SocketChannel channel, CountDownLatch answered, AtomicBoolean late) {
    try {
      if (!answered.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        late.set(true);
        channel.close();
      }
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String target(String path, Map<String, String> query) {
    StringBuilder target = new StringBuilder(path);
    char separator = '?';
    for (Map.Entry<String, String> parameter : query.entrySet()) {
      target.append(separator).append(parameter.getKey()).append('=');
      target.append(URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8));
      separator = '&';
    }
    return target.toString();
  }

  private byte[] readAll(SocketChannel channel) throws IOException, CtlFault {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(64 << 10);
    while (channel.read(part) >= 0) {
      all.write(part.array(), 0, part.position());
      part.clear();
      if (all.size() > MAX_ANSWER_BYTES) {
        throw new CtlFault(socket + " answered with more than " + MAX_ANSWER_BYTES + " bytes");
      }
    }
    return all.toByteArray();
  }

  /// Status and body of a response that its connection's end ends.
  private Answer parse(byte[] bytes) throws CtlFault {
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    int headEnd = all.indexOf("\r\n\r\n");
    if (headEnd < 12 || !all.startsWith("HTTP/1.1 ")) {
      throw new CtlFault(socket + " does not speak like a proxy");
    }
    int status;
    int length = -1;
    try {
      status = Integer.parseInt(all, 9, 12, 10);
      for (String line : all.substring(0, headEnd).split("\r\n")) {
        if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
          length = Integer.parseInt(line.substring(15).trim());
        }
      }
    } catch (NumberFormatException e) {
      throw new CtlFault(socket + " does not speak like a proxy", e);
    }
    int start = headEnd + 4;
    if (length != bytes.length - start) {
      throw new CtlFault(socket + " broke off in its answer");
    }
    return new Answer(status, new String(bytes, start, length, StandardCharsets.UTF_8));
  }

  private String reason(Exception e) {
    if (e.getMessage() != null && e.getMessage().equals("No such file or directory")) {
      return "there is no such socket: is its process running, and is that what its file has as"
          + " admin.socket, or a supervisor's as socket?";
    }
    if (e instanceof ConnectException && Files.isRegularFile(socket)) {
      return "it is a file and no socket";
    }
    if (e instanceof ConnectException) {
      return "no process serves it (" + e.getMessage() + "): it has ended; start it again";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
