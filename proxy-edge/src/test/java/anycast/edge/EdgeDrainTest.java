package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Connections that are in the middle of something when the process stops.
@Timeout(60)
class EdgeDrainTest {
  private static boolean refused(int port) {
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return !probe.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void connectionInItsHandshakeGetsItsRequestAnsweredAndEnds() throws Exception {
    try (EdgeFixture fixture = new EdgeFixture();
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), fixture.httpsPort())) {
      int port = fixture.httpsPort();
      while (fixture.edge.listeners().connections() == 0) {
        Thread.onSpinWait();
      }
      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(() -> {
            try {
              return fixture.edge.drain(Duration.ofSeconds(30));
            } catch (InterruptedException e) {
              return false;
            }
          });
      while (!refused(port)) {
        Thread.onSpinWait();
      }

      SSLSocket socket =
          (SSLSocket)
              fixture
                  .clientContext("TLS")
                  .getSocketFactory()
                  .createSocket(plain, "a.test", port, true);
      socket.setSoTimeout(20_000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName("a.test")));
      socket.setSSLParameters(parameters);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));

      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(answer);
      String text = answer.toString(StandardCharsets.ISO_8859_1);
      assertTrue(text.startsWith("HTTP/1.1 200"), text);
      assertTrue(text.contains("\r\nconnection: close\r\n"), text);
      socket.close();
      assertEquals(true, drained.get(30, TimeUnit.SECONDS));
    }
  }
}
