package anycast.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Asks a proxy's admin socket.
public final class Health {
  private Health() {}

  /// `ready`, or why it is not.
  static String of(Path socket) {
    try {
      JsonNode status = ask(socket, "/status");
      return status.path("ready").asBoolean() ? "ready" : "not ready: " + status.path("reasons");
    } catch (IOException e) {
      return "does not answer: " + e.getMessage();
    }
  }

  /// What a page says.
  ///
  /// @param page `/status` for instance
  public static JsonNode ask(Path socket, String page) throws IOException {
    String request = "GET %s HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n".formatted(page);
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      String answer = readAll(channel);
      return new JsonMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }
  }

  private static String readAll(SocketChannel channel) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer some = ByteBuffer.allocate(16 * 1024);
    while (channel.read(some) >= 0) {
      all.write(some.array(), 0, some.position());
      some.clear();
    }
    return all.toString(StandardCharsets.UTF_8);
  }
}
