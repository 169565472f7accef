package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.ListenerSockets;
import anycast.edge.listener.ListenerConfig;
import anycast.edge.listener.Listeners;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client may take of connections and handshakes.
@Timeout(60)
class EdgeLimitsTest {
  private EdgeFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new EdgeFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 20})
  void closesAHandshakeThatDoesNotEnd(int helloBytes) throws Exception {
    byte[] hello = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 0xfc, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    try (Listeners listeners = open(10, Duration.ofMillis(300));
        Socket socket = connect(listeners)) {
      socket.getOutputStream().write(hello, 0, helloBytes);
      assertEnds(socket);
      assertEquals(1, fixture.count(Counter.TLS_HANDSHAKES_FAILED));
    }
  }

  @Test
  void closesConnectionsAboveTheLimit() throws Exception {
    try (Listeners listeners = open(1, Duration.ofSeconds(20));
        Socket first = connect(listeners)) {
      while (listeners.connections() < 1) {
        Thread.onSpinWait();
      }
      try (Socket second = connect(listeners)) {
        assertEnds(second);
      }
      assertEquals(1, fixture.count(Counter.CONNECTIONS_REFUSED));
      assertTrue(first.isConnected());
    }
  }

  private Listeners open(int connections, Duration handshake) throws IOException {
    Listeners listeners =
        Listeners.open(
            List.of(new ListenerConfig("https", new HostPort("127.0.0.1", 0), 443, true)),
            ListenerSockets.bound(fixture.loops),
            fixture.terms(connections, handshake));
    listeners.accept();
    return listeners;
  }

  private static Socket connect(Listeners listeners) throws IOException {
    int port = listeners.listening().getFirst().address().getPort();
    Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void assertEnds(Socket socket) {
    try {
      while (socket.getInputStream().read() >= 0) {
        // An alert may come first.
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("still open", e);
    } catch (IOException e) {
      // A reset is an end too.
    }
  }
}
