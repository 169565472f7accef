package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: requests in turn, until one is answered by a stream.
///
/// **Threading.** Its own virtual thread; while it streams, a second one watches for the client's
/// end, which nothing else would notice on a quiet table. **Limits.** The time that a client takes
/// for a request; the time that a reader which was cut may take to accept its orderly end.
final class Conversation implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

  /// As long as clients keep idle connections in their pools.
  private static final int REQUEST_TIMEOUT_MILLIS = 60_000;

  /// A client that was cut for being slow may be reading again by then; if not it is dropped hard.
  private static final Duration CUT_TIMEOUT = Duration.ofSeconds(5);

  /// For the largest answer (64 MiB) that is a megabyte a second.
  private static final Duration WHOLE_TIMEOUT = Duration.ofSeconds(60);

  /// An agent flushes at as much.
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Socket socket;
  private final StateApi api;
  private final Matching matching;

  Conversation(Socket socket, StateApi api, Matching matching) {
    this.socket = socket;
    this.api = api;
    this.matching = matching;
  }

  @Override
  public void run() {
    try (socket) {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.setSoTimeout(REQUEST_TIMEOUT_MILLIS);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = new BufferedOutputStream(socket.getOutputStream());
      while (exchange(in, out)) {
        out.flush();
      }
      out.flush();
    } catch (IOException e) {
      LOG.debug("a connection ended: {}", Legible.text(e.getMessage()));
    } catch (InterruptedException e) {
      LOG.debug("a connection was ended: the server closes");
    }
  }

  /// One request and its answer.
  ///
  /// @return whether another may follow
  private boolean exchange(InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    HttpMessage request;
    try {
      request = HttpMessage.read(in, out);
    } catch (HttpMessage.BadRequestException e) {
      write(out, Reply.error(e.status(), e.getMessage()), false);
      return false;
    }
    if (request == null) {
      return false;
    }
    Reply reply;
    try {
      reply = api.answer(request);
    } catch (RuntimeException e) {
      LOG.error("a bug in answering {}", Legible.text(request.path()), e);
      reply = Reply.error(500, "internal error");
    }
    return switch (reply) {
      case Reply.Whole whole -> {
        CountDownLatch ended = new CountDownLatch(1);
        if (whole.body().length > CHUNK_BYTES) {
          // What fits into the sockets' buffers nobody waits for; more could be held for ever.
          Thread.ofVirtual().start(() -> dropAfter(WHOLE_TIMEOUT, ended));
        }
        try {
          write(out, whole, request.keepAlive());
          out.flush();
        } finally {
          ended.countDown();
        }
        yield request.keepAlive();
      }
      case Reply.Streamed streamed -> {
        out.flush();
        // Chunks come packed: another buffer would only be memory, once a stream.
        stream(in, socket.getOutputStream(), streamed);
        yield false;
      }
    };
  }

  private static void write(OutputStream out, Reply.Whole reply, boolean keepAlive)
      throws IOException {
    StringBuilder head = new StringBuilder(128);
    head.append("HTTP/1.1 ").append(reply.status()).append(" \r\n");
    if (!reply.contentType().isEmpty()) {
      head.append("content-type: ").append(reply.contentType()).append("\r\n");
    }
    head.append("content-length: ").append(reply.body().length).append("\r\n");
    if (!keepAlive) {
      head.append("connection: close\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.write(reply.body());
  }

  private void stream(InputStream in, OutputStream out, Reply.Streamed streamed)
      throws IOException, InterruptedException {
    Subscriber subscriber = streamed.subscriber();
    CountDownLatch ended = new CountDownLatch(1);
    try {
      subscriber.onCut(() -> Thread.ofVirtual().start(() -> dropAfter(CUT_TIMEOUT, ended)));
      socket.setSoTimeout(0);
      Thread.ofVirtual().name("state-watch").start(() -> watch(in, streamed));
      out.write(head(streamed).getBytes(StandardCharsets.ISO_8859_1));
      LinePacker packer = new LinePacker(out);
      streamed.opening().writeTo(packer);
      packer.flush();
      for (LineBatch batch = subscriber.take(); batch != null; batch = subscriber.take()) {
        out.write(batch.chunk());
      }
      out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    } finally {
      ended.countDown();
      matching.leave(streamed.id(), subscriber);
    }
  }

  private static String head(Reply.Streamed streamed) {
    String hash = streamed.hash().isEmpty() ? "" : "corro-query-hash: " + streamed.hash() + "\r\n";
    return "HTTP/1.1 200 \r\ncorro-query-id: "
        + streamed.id()
        + "\r\n"
        + hash
        + "transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
  }

  /// Packs lines into chunks of some size.
  private static final class LinePacker implements FollowedQuery.LineSink {
    private final OutputStream out;
    private List<byte[]> lines = new ArrayList<>();
    private int bytes;

    LinePacker(OutputStream out) {
      this.out = out;
    }

    @Override
    public void line(byte[] line) throws IOException {
      lines.add(line);
      bytes += line.length;
      if (bytes >= CHUNK_BYTES) {
        flush();
      }
    }

    void flush() throws IOException {
      if (!lines.isEmpty()) {
        out.write(LineBatch.of(lines).chunk());
        lines = new ArrayList<>();
        bytes = 0;
      }
    }
  }

  /// Reads until the client ends; it has nothing more to say while it is streamed to.
  private void watch(InputStream in, Reply.Streamed streamed) {
    byte[] ignored = new byte[256];
    try {
      while (in.read(ignored) >= 0) {
        // nothing that it says now has a meaning
      }
    } catch (SocketException e) {
      LOG.debug("the watched connection is closed");
    } catch (IOException e) {
      LOG.debug("a streamed connection failed: {}", Legible.text(e.getMessage()));
    }
    matching.leave(streamed.id(), streamed.subscriber());
  }

  private void dropAfter(Duration patience, CountDownLatch ended) {
    try {
      if (!ended.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.warn("a client that takes nothing was dropped after {}", patience);
        socket.close();
      }
    } catch (InterruptedException | IOException e) {
      LOG.debug("dropping a slow client", e);
    }
  }
}
