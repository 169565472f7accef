package anycast.routing.feed.corrosion;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/// An agent that answers requests about the table `apps` by a script, and holds all others.
final class FakeAgent implements AutoCloseable {
  /// How an answer ends.
  enum End {
    CLEAN,
    TORN,
    HOLD
  }

  /// A permit for each torn end: what was not yet read when a connection breaks is lost with it.
  final Semaphore tears = new Semaphore(0);

  private record Answer(int status, List<String> lines, End end) {}

  /// The requests about `apps`, e.g. `POST /v1/subscriptions`.
  final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

  private final BlockingQueue<Answer> script = new LinkedBlockingQueue<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  FakeAgent() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  void answer(int status, End end, String... lines) {
    script.add(new Answer(status, List.of(lines), end));
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
    try {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      String request = in.readLine();
      int length = 0;
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      char[] body = new char[length];
      int read = 0;
      while (read < length) {
        read += in.read(body, read, length - read);
      }
      if (request == null || length > 0 && !new String(body).contains("FROM apps")) {
        return;
      }
      requests.add(request.substring(0, request.lastIndexOf(' ')));
      play(socket, script.take());
    } catch (IOException | InterruptedException e) {
      // the client left, or the test ended
    }
  }

  private void play(Socket socket, Answer answer) throws IOException, InterruptedException {
    OutputStream out = socket.getOutputStream();
    String head = "HTTP/1.1 " + answer.status() + " x\r\ncorro-query-id: sub-1\r\n";
    if (answer.status() != 200) {
      head += "connection: close\r\n";
    }
    out.write((head + "transfer-encoding: chunked\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    for (String line : answer.lines()) {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
      out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.write(bytes);
      out.write("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    out.flush();
    switch (answer.end()) {
      case CLEAN -> {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        socket.close();
      }
      case TORN -> {
        tears.acquire();
        socket.close();
      }
      case HOLD -> {}
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
