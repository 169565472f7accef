package anycast.backhaul.worker;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// An app made of bytes: each connection runs a script on a thread of its own, so that any fault
/// can be told exactly.
public final class RawApp implements Closeable {
  /// What the app does with a connection; it is closed after.
  @FunctionalInterface
  public interface Script {
    void run(Connection connection) throws Exception;
  }

  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /// Connections that were accepted.
  public final AtomicInteger accepted = new AtomicInteger();

  /// Heads of all requests that were read.
  public final List<String> requests = new CopyOnWriteArrayList<>();

  private RawApp(ServerSocket listener) {
    this.listener = listener;
  }

  public static RawApp start(Script script) throws IOException {
    RawApp app = new RawApp(new ServerSocket(0, 512, InetAddress.getByName("127.0.0.1")));
    Thread.ofVirtual().start(() -> app.accept(script));
    return app;
  }

  /// Answers every request with `response`, on as many connections as come.
  public static RawApp answering(String response) throws IOException {
    return start(connection -> {
      while (connection.readHead() != null) {
        connection.write(response);
      }
    });
  }

  private void accept(Script script) {
    while (true) {
      Socket socket;
      try {
        socket = listener.accept();
      } catch (IOException e) {
        return;
      }
      accepted.incrementAndGet();
      sockets.add(socket);
      Thread.ofVirtual()
          .start(() -> {
            try (socket) {
              script.run(new Connection(this, socket));
            } catch (Exception e) {
              // The proxy hung up: the test looks at its side.
            }
          });
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// One connection, from the app's side.
  public static final class Connection {
    private final RawApp app;
    public final Socket socket;
    public final InputStream in;
    public final OutputStream out;

    Connection(RawApp app, Socket socket) throws IOException {
      this.app = app;
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
    }

    /// The next request's head with its final empty line; null where the proxy closed.
    public String readHead() throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      int matched = 0;
      while (matched < 4) {
        int b = in.read();
        if (b < 0) {
          return null;
        }
        head.write(b);
        matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
      }
      String text = head.toString(StandardCharsets.ISO_8859_1);
      app.requests.add(text);
      return text;
    }

    public byte[] read(int bytes) throws IOException {
      byte[] read = in.readNBytes(bytes);
      if (read.length < bytes) {
        throw new EOFException();
      }
      return read;
    }

    public String readLine() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new EOFException();
        }
        line.append((char) b);
      }
      return line.toString().strip();
    }

    public void write(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    /// Closes with RST.
    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }
}
