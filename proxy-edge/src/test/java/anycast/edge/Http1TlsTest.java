package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/1 over TLS with a real edge: reading on demand and ending in order, through the library's
/// records.
@Timeout(60)
class Http1TlsTest {
  private static EdgeFixture fixture;

  @BeforeAll
  static void start() throws Exception {
    fixture = new EdgeFixture();
  }

  @AfterAll
  static void stop() throws Exception {
    fixture.close();
  }

  private static SSLSocket connect(String protocol) throws Exception {
    SSLSocket socket =
        (SSLSocket)
            fixture
                .clientContext("TLS")
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), fixture.httpsPort());
    socket.setSoTimeout(20_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("a.test")));
    parameters.setProtocols(new String[] {protocol});
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static void send(SSLSocket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// Up to close_notify; a close without one is an exception.
  private static String rest(SSLSocket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    socket.getInputStream().transferTo(all);
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void servesRequestsThatComeInOneRecordOrInMany(String protocol) throws Exception {
    try (SSLSocket socket = connect(protocol)) {
      String get = "GET /big/100000 HTTP/1.1\r\nHost: a.test\r\n\r\n";
      send(socket, get + get);
      for (char c : get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").toCharArray()) {
        send(socket, String.valueOf(c));
      }
      String all = rest(socket);
      assertEquals(3, all.split("HTTP/1.1 200 OK", -1).length - 1, () -> all.substring(0, 500));
      assertTrue(all.length() > 300_000);
    }
  }

  @Test
  void aMalformedRequestIsAnsweredAndTheConnectionEndsInOrder() throws Exception {
    try (SSLSocket socket = connect("TLSv1.3")) {
      send(
          socket, "GET / HTTP/1.1\nHost: a.test\r\n\r\nGET /smug HTTP/1.1\r\nHost: a.test\r\n\r\n");
      String answer = rest(socket);
      assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
      assertEquals(0, answer.lastIndexOf("HTTP/1.1"));
    }
  }

  @Test
  void aCutResponseEndsWithoutCloseNotify() throws Exception {
    try (SSLSocket socket = connect("TLSv1.3")) {
      send(socket, "GET /late/APP_RESET HTTP/1.1\r\nHost: a.test\r\n\r\n");
      assertThrows(IOException.class, () -> rest(socket));
    }
  }

  @Test
  void aLargeUploadPassesThroughTheWindow() throws Exception {
    try (SSLSocket socket = connect("TLSv1.3")) {
      int size = 3_000_000;
      send(
          socket,
          "POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: "
              + size
              + "\r\n\r\n");
      send(socket, "x".repeat(size));
      assertTrue(rest(socket).startsWith("HTTP/1.1 200 OK\r\n"));
    }
  }
}
