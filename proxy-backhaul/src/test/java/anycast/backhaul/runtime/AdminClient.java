package anycast.backhaul.runtime;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Says bytes to an admin socket and hears what comes until it closes.
public final class AdminClient {
  private AdminClient() {}

  public static String get(Path socket, String target) throws IOException {
    return say(socket, "GET " + target + " HTTP/1.1\r\nhost: x\r\n\r\n");
  }

  static String say(Path socket, String bytes) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
      return new String(
          Channels.newInputStream(channel).readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
