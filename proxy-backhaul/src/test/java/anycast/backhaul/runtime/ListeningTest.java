package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the kernel tells about listeners, by real ones. The JVM's own are of IPv6, whatever they
/// are bound to, so these are asked for as such.
class ListeningTest {
  private static final List<String> LINES =
      List.of(
          "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt",
          "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0",
          "   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0",
          "   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0",
          " 113: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0",
          "garbage");

  @Test
  void countsThoseOfOneAddressAndPort() throws Exception {
    assertEquals("0100007F:1F90", local("127.0.0.1", 8080));
    assertEquals(2, Listening.count(LINES, local("127.0.0.1", 8080)));
    assertEquals(0, Listening.count(LINES, local("127.0.0.1", 8081)));
    assertEquals(1, Listening.count(LINES, local("0.0.0.0", 8080)));
  }

  private static String local(String host, int port) throws Exception {
    return Listening.local(new InetSocketAddress(InetAddress.getByName(host), port));
  }

  @Test
  void seesASecondSocketThatSharesAPort() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (ServerSocketChannel first = sharing(new InetSocketAddress(loopback, 0))) {
      InetSocketAddress address = (InetSocketAddress) first.getLocalAddress();
      assertEquals(1, Listening.on(address));
      try (ServerSocketChannel second = sharing(address);
          Socket client = new Socket(loopback, address.getPort())) {
        assertEquals(address, second.getLocalAddress());
        assertEquals(address.getPort(), client.getPort());
        assertEquals(2, Listening.on(address));
      }
    }
  }

  private static ServerSocketChannel sharing(InetSocketAddress address) throws Exception {
    return ServerSocketChannel.open()
        .setOption(StandardSocketOptions.SO_REUSEPORT, true)
        .bind(address);
  }

  @Test
  void whoListensEverywhereIsReachedOnLoopback() throws Exception {
    try (ServerSocket everywhere = new ServerSocket(0)) {
      InetSocketAddress bound = (InetSocketAddress) everywhere.getLocalSocketAddress();
      InetSocketAddress reached = ListenerSockets.reachable(bound);
      assertEquals(true, reached.getAddress().isLoopbackAddress());
      new Socket(reached.getAddress(), reached.getPort()).close();
    }
    InetSocketAddress one = new InetSocketAddress("192.0.2.1", 443);
    assertEquals(one, ListenerSockets.reachable(one));
  }
}
