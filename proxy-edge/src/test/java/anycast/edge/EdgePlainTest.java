package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.ListenerSockets;
import anycast.edge.listener.ListenerConfig;
import anycast.edge.listener.Listeners;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Raw HTTP/1 requests at the plain listener of a real edge.
@Timeout(60)
class EdgePlainTest {
  private EdgeFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new EdgeFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  @Test
  void servesPlainRequests() throws Exception {
    String answer = exchange("GET /p HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    assertTrue(answer.contains("x-forwarded-proto: http\n"), answer);
    assertTrue(answer.contains("via: 1.1 anycast\n"), answer);
  }

  @Test
  void sendsClientsOfAForcingServiceToHttps() throws Exception {
    String answer = exchange("GET /a?b=c HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 301 "), answer);
    assertTrue(answer.contains("location: https://shop.test/a?b=c\r\n"), answer);
    assertTrue(fixture.connector.seen.isEmpty());
  }

  @Test
  void neverPassesFieldsOfTheHopOrTheFleet() throws Exception {
    exchange(
        "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close, X-Foo\r\nX-Foo: hop\r\n"
            + "Keep-Alive: hop\r\nTE: gzip\r\nProxy-Connection: hop\r\nX-Anycast-To: hop\r\n"
            + "X-Real-IP: hop\r\nForwarded: for=hop\r\nFly_Client_IP: hop\r\n\r\n");
    String seen = fixture.connector.seen.remove();
    assertFalse(seen.contains("hop"), seen);
    assertFalse(seen.contains("gzip"), seen);
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/1.1|Host: unknown.test,404,PH20",
    "TRACE / HTTP/1.1|Host: a.test,405,PH06",
    "GET /a#b HTTP/1.1|Host: a.test,400,PH01",
    "GET /%zz HTTP/1.1|Host: a.test,400,PH01",
    "GET * HTTP/1.1|Host: a.test,400,PH01",
    "GET / HTTP/1.1|Host: user@a.test,400,PH01",
    "GET / HTTP/1.1|Host: idle.test,503,PR01",
    "POST / HTTP/1.1|Host: a.test|Expect: y 100-continue|Content-Length: 0,417,PH05"
  })
  void refusesWithStatusAndCode(String request, int status, String code) throws Exception {
    String answer = exchange(request.replace("|", "\r\n") + "\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    assertTrue(answer.contains(code), answer);
    assertTrue(fixture.connector.seen.isEmpty());
  }

  @Test
  void answersOptionsForTheServerItself() throws Exception {
    String answer = exchange("OPTIONS * HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 204 "), answer);
    assertTrue(fixture.connector.seen.isEmpty());
  }

  @Test
  void routesByTheTargetWhereItNamesAnotherHost() throws Exception {
    String answer =
        exchange("GET http://a.test/x HTTP/1.1\r\nHost: unknown.test\r\nConnection: close\r\n\r\n");
    boolean strict = answer.startsWith("HTTP/1.1 400 ");
    assertTrue(strict || answer.contains("authority: a.test\n"), answer);
  }

  @Test
  void saysWhichListenerCannotBeBound() {
    Listeners.Listening taken = fixture.edge.listeners().listening().get(1);
    var address = new anycast.backhaul.runtime.HostPort("127.0.0.1", taken.address().getPort());
    IOException problem =
        assertThrows(
            IOException.class,
            () ->
                Listeners.open(
                    List.of(new ListenerConfig("second", address, 80, false)),
                    ListenerSockets.bound(fixture.loops),
                    fixture.terms(10, EdgeFixture.PATIENCE)));
    assertTrue(
        problem.getMessage().startsWith("listener second cannot listen on " + address),
        problem.getMessage());
    assertEquals(-1, problem.getMessage().indexOf('\n'));
  }

  private String exchange(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), fixture.httpPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      in.transferTo(answer);
      return answer.toString(StandardCharsets.ISO_8859_1);
    }
  }
}
