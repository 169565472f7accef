package anycast.routing.feed.corrosion;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ServerSocketFactory;

/// An agent that answers by a script, byte by byte if need be, and holds what is not about the
/// table it plays.
final class FakeAgent implements AutoCloseable {
  /// A request as it came.
  ///
  /// @param line without the protocol, e.g. `POST /v1/subscriptions`
  /// @param headers by lower-case name
  record Asked(String line, Map<String, String> headers, String body) {}

  final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

  private final String about;
  private final String scheme;
  private final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ServerSocket listener;
  private volatile Function<Asked, Script> otherwise;

  FakeAgent() throws IOException {
    this("FROM apps", "http", ServerSocketFactory.getDefault());
  }

  /// @param about what a body must contain to be answered; others are held
  FakeAgent(String about, String scheme, ServerSocketFactory factory) throws IOException {
    this.about = about;
    this.scheme = scheme;
    this.listener = factory.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  URI uri() {
    return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort());
  }

  /// The next answer; more than requests may be waiting.
  FakeAgent then(Script script) {
    scripts.add(script);
    return this;
  }

  /// What is answered when the script is at its end.
  FakeAgent otherwise(Function<Asked, Script> answer) {
    otherwise = answer;
    return this;
  }

  /// The next request, which must come.
  Asked next() throws InterruptedException {
    Asked next = asked.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no request came");
    }
    return next;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> converse(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void converse(Socket socket) {
    try (socket) {
      while (true) {
        Asked request = read(socket.getInputStream());
        if (request == null) {
          return;
        }
        if (!request.body().isEmpty() && !request.body().contains(about)) {
          socket.getInputStream().read();
          return;
        }
        asked.add(request);
        Script script = scripts.poll();
        if (script == null) {
          script = otherwise == null ? scripts.take() : otherwise.apply(request);
        }
        if (!script.play(socket)) {
          return;
        }
      }
    } catch (IOException | InterruptedException e) {
      // the client left, or the test ended
    } finally {
      sockets.remove(socket);
    }
  }

  private static Asked read(InputStream in) throws IOException {
    String line = line(in);
    if (line == null) {
      return null;
    }
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(header.substring(0, colon), header.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Asked(line.substring(0, line.lastIndexOf(' ')), headers, body);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return line.toString(StandardCharsets.ISO_8859_1).strip();
      }
      line.write(b);
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /// One answer: its head, pieces of its body, and how it ends.
  static final class Script {
    private interface Act {
      /// @return whether the answer goes on
      boolean on(Socket socket) throws IOException, InterruptedException;
    }

    private final List<Act> acts = new ArrayList<>();
    private final StringBuilder headers = new StringBuilder();
    private final int status;
    private boolean keepsAlive;

    private Script(int status) {
      this.status = status;
    }

    /// A subscription with the name that most tests use.
    static Script stream(String... lines) {
      return status(200).header("corro-query-id", "sub-1").lines(lines);
    }

    static Script status(int status) {
      return new Script(status);
    }

    /// Takes the request and never says a word.
    static Script dumb() {
      return new Script(0);
    }

    /// A refusal with its body.
    static Script refusal(int status, String body) {
      return status(status).raw(body).clean();
    }

    Script header(String name, String value) {
      headers.append(name).append(": ").append(value).append("\r\n");
      return this;
    }

    Script lines(String... lines) {
      for (String line : lines) {
        raw(line + "\n");
      }
      return this;
    }

    /// One chunk.
    Script raw(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      acts.add(socket -> {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        chunk.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
        chunk.write(bytes);
        chunk.write("\r\n".getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().write(chunk.toByteArray());
        return true;
      });
      return this;
    }

    /// Every byte a chunk and a segment of its own.
    Script drip(String text) {
      for (char c : text.toCharArray()) {
        raw(String.valueOf(c));
      }
      return this;
    }

    /// Goes on when the test says so.
    Script await(Semaphore gate) {
      acts.add(socket -> {
        gate.acquire();
        return true;
      });
      return this;
    }

    /// Ends the body in an orderly way.
    Script clean() {
      acts.add(socket -> {
        socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        return keepsAlive;
      });
      return this;
    }

    /// Ends in an orderly way, and the connection takes another request.
    Script cleanAndKeptAlive() {
      keepsAlive = true;
      return clean();
    }

    /// Ends the connection within the body. What the client has not read by then may be lost.
    Script torn() {
      acts.add(socket -> false);
      return this;
    }

    private boolean play(Socket socket) throws IOException, InterruptedException {
      OutputStream out = socket.getOutputStream();
      socket.setTcpNoDelay(true);
      if (status != 0) {
        String connection = keepsAlive ? "" : "connection: close\r\n";
        String head = "HTTP/1.1 " + status + " x\r\n" + headers + connection;
        out.write((head + "transfer-encoding: chunked\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      }
      for (int i = 0; i < acts.size(); i++) {
        boolean last = i == acts.size() - 1;
        if (!acts.get(i).on(socket) || last && keepsAlive) {
          return keepsAlive;
        }
      }
      // holds until the client leaves
      socket.getInputStream().read();
      return false;
    }
  }
}
