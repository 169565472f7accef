package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.watchdog.Canary;
import anycast.routing.model.Reserved;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Requests of an edge to itself, through its real listeners and its table.
@Timeout(120)
class EdgeCanaryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private EdgeFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new EdgeFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  private static String lost(Canary.Way way, Duration limit) {
    return assertThrows(IOException.class, () -> way.go(limit)).getMessage();
  }

  @Test
  void comesBackThroughEachListenerMeetsNobodyAndIsCountedNowhere() throws Exception {
    List<Canary.Way> ways = fixture.ways();
    assertEquals(List.of("https", "http"), ways.stream().map(Canary.Way::name).toList());
    for (Canary.Way way : ways) {
      way.go(PATIENCE);
      way.go(PATIENCE);
    }
    assertTrue(fixture.connector.seen.isEmpty());
    for (Counter counter : Counter.values()) {
      assertEquals(0, fixture.count(counter), counter::toString);
    }
  }

  @Test
  void comesBackWhereClientsHaveTakenAllConnections() throws Exception {
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < EdgeFixture.CONNECTIONS; i++) {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), fixture.httpPort());
        clients.add(client);
      }
      try (Socket late = new Socket(InetAddress.getLoopbackAddress(), fixture.httpPort())) {
        late.setSoTimeout(20_000);
        assertEquals(-1, late.getInputStream().read());
      }
      for (Canary.Way way : fixture.ways()) {
        way.go(PATIENCE);
      }
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  @Test
  void comesBackWhereOthersHoldItsAppAndSayNothing() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        silent.add(new Socket(InetAddress.getLoopbackAddress(), fixture.canaryAppPort()));
      }
      for (Canary.Way way : fixture.ways()) {
        way.go(Duration.ofSeconds(4));
      }
    } finally {
      for (Socket each : silent) {
        each.close();
      }
    }
  }

  @Test
  void isLostWhenNobodyListens() throws Exception {
    List<Canary.Way> ways = fixture.ways();
    fixture.edge.drain(Duration.ofSeconds(10));
    for (Canary.Way way : ways) {
      assertTrue(lost(way, PATIENCE).contains("refused"));
    }
  }

  @Test
  void isLostWhenNobodyAccepts() throws Exception {
    // A queue that nobody takes from: what is left of a listener whose loop hangs.
    try (ServerSocket silent = new ServerSocket(0, 16, InetAddress.getByName("127.0.0.1"))) {
      for (boolean tls : List.of(true, false)) {
        Canary.Way way = fixture.wayTo((InetSocketAddress) silent.getLocalSocketAddress(), tls);
        String error = lost(way, Duration.ofMillis(300));
        assertTrue(error.startsWith("no answer within 300 ms from 127.0.0.1:"), error);
      }
    }
  }

  @Test
  void isLostWhenTheAppIsGone() throws Exception {
    List<Canary.Way> ways = fixture.ways();
    fixture.endCanaryApp();
    for (Canary.Way way : ways) {
      assertTrue(lost(way, PATIENCE).startsWith("status 5"));
    }
  }

  @Test
  void doesNotTakeAnotherProcessForItsOwn() throws Exception {
    try (EdgeFixture other = new EdgeFixture()) {
      String error = lost(fixture.wayTo(other.address(0), true), PATIENCE);
      assertTrue(error.contains("another process answers"), error);
    }
  }

  @Test
  void strangersGetNothingFromItsApp() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), fixture.httpPort())) {
      socket.setSoTimeout(20_000);
      String request = "GET / HTTP/1.1\r\nHost: " + Reserved.HOST + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertTrue(answer.startsWith("HTTP/1.1 404 "), answer);
      assertTrue(answer.contains("content-length: 0\r\n"), answer);
      assertFalse(answer.contains("x-anycast-"), answer);
    }
    assertEquals(1, fixture.count(Counter.REQUESTS_BEGUN), "who asks for its host is a stranger");
    assertEquals(1, fixture.count(Counter.EXCHANGES_BEGUN));
  }
}
