package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.ListeningSocket;
import anycast.backhaul.posix.Signal;
import anycast.backhaul.runtime.AdminClient;
import anycast.backhaul.watchdog.Proxy;
import anycast.backhaul.watchdog.Supervising;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The edge as a process of somebody who holds its sockets and listens to what it tells.
@Timeout(180)
class EdgeProcessTest {
  private static final int QUEUE = 16;

  /// A JVM with the class path of the tests has some 150 open.
  private static final int NOFILE = 512;

  @TempDir Path folder;
  private Supervising supervisor;
  private ListeningSocket socket;

  @BeforeEach
  void open() throws Exception {
    supervisor = new Supervising(folder);
    socket = ListeningSocket.open(new InetSocketAddress("127.0.0.1", 0), QUEUE);
    Proxy.prepare(folder, Node.Role.EDGE, new NodeId("e1"));
    configure("auto", "http");
  }

  @AfterEach
  void close() {
    socket.close();
    supervisor.close();
  }

  private void configure(String transport, String name) throws IOException {
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        node: e1
        region: fra
        state: { urls: ["http://127.0.0.1:1"] }
        last_good: { directory: good }
        listeners:
          - { name: %s, listen: "127.0.0.1:0", port: 80, tls: false }
          - { name: https, listen: "127.0.0.1:0", port: 443, tls: true }
        identity: { ca: ca.pem, certificate: e1.pem, key: e1.key }
        admin: { socket: e.sock }
        runtime: { event_loops: 1, transport: %s }
        """
            .formatted(name, transport));
  }

  private Proxy start(String owner, String... flags) throws Exception {
    return start(owner, Map.of(), flags);
  }

  private Proxy start(String owner, Map<String, String> variables, String... flags)
      throws Exception {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("NOTIFY_SOCKET", supervisor.path());
    environment.put("WATCHDOG_USEC", "2000000");
    environment.put("LISTEN_PID", owner);
    environment.put("LISTEN_FDNAMES", "http");
    return Proxy.start(folder, EdgeMain.class, List.of(flags), environment, List.of(socket.fd()));
  }

  private Socket connected() throws IOException {
    Socket client = new Socket();
    client.setSoTimeout(60_000);
    client.connect(socket.address(), 30_000);
    client
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: unknown.test\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return client;
  }

  private static void assertServed(Socket client) throws IOException {
    String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertTrue(answer.startsWith("HTTP/1.1 404 "), answer);
  }

  private static String last(Proxy edge) throws IOException {
    return edge.log().lines().toList().getLast();
  }

  @Test
  void whoWaitsInTheQueueIsServedByTheNextProcess() throws Exception {
    Socket first;
    Socket second;
    try (Proxy edge = start("$$")) {
      List<List<String>> told = supervisor.until("READY=1"::equals);
      assertTrue(told.getFirst().contains("EXTEND_TIMEOUT_USEC=10000000"), told.toString());
      supervisor.until("WATCHDOG=1"::equals);
      try (Socket client = connected()) {
        assertServed(client);
      }
      edge.signal(Signal.KILL);
      assertEquals(new Child.End.Killed(Signal.KILL.number()), edge.awaitEnd(), edge.log());
      first = connected();
      second = connected();
    }
    try (first;
        second;
        Proxy edge = start("$$")) {
      assertServed(first);
      assertServed(second);
      supervisor.until("READY=1"::equals);
      edge.signal(Signal.TERM);
      List<String> stopping = supervisor.until("STOPPING=1"::equals).getLast();
      assertTrue(stopping.contains("EXTEND_TIMEOUT_USEC=10000000"), stopping.toString());
      assertEquals(new Child.End.Exited(0), edge.awaitEnd(), edge.log());
      // The listener lives on: it was closed by that process, not shut down.
      try (Socket waiting = connected();
          Proxy next = start("$$")) {
        assertServed(waiting);
        assertTrue(next.pid() != edge.pid());
      }
    }
  }

  @Test
  void aSocketMeantForAnotherProcessIsLeftAlone() throws Exception {
    try (Proxy edge = start("1");
        Socket client = connected()) {
      supervisor.until("READY=1"::equals);
      assertEquals(0, client.getInputStream().available());
      assertTrue(!edge.log().contains("inherited"), edge.log());
    }
  }

  /// Whether one more client is answered; it stays then.
  private boolean comesIn(List<Socket> clients) throws IOException {
    Socket client = new Socket();
    client.connect(socket.address(), 30_000);
    client.setSoTimeout(60_000);
    try {
      client
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: unknown.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      if (client.getInputStream().read() == 'H') {
        clients.add(client);
        return true;
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("neither answered nor refused", e);
    } catch (IOException e) {
      // A reset is an end too.
    }
    client.close();
    return false;
  }

  private void fill(List<Socket> clients) throws IOException {
    while (clients.size() < NOFILE && comesIn(clients)) {
      // one more
    }
    assertTrue(clients.size() < NOFILE, "nobody is refused");
  }

  @Test
  void clientsThatUseUpTheDescriptorsNeitherMuteNorEndIt() throws Exception {
    List<Socket> clients = new ArrayList<>();
    Map<String, String> few = Map.of("NOFILE", Integer.toString(NOFILE));
    try (Proxy edge = start("$$", few)) {
      supervisor.until("READY=1"::equals);
      assertTrue(edge.log().contains("20000 connections"), edge.log());
      String why = "the process is out of file descriptors";
      String status;
      do {
        // Again and again, as the edge's requests to itself leave gaps.
        fill(clients);
        status = AdminClient.get(folder.resolve("e.sock"), "/status");
        assertTrue(status.startsWith("HTTP/1.1 200 "), status);
      } while (!status.contains(why));
      assertTrue(status.contains("\"ready\":false"), status);
      supervisor.until(each -> each.startsWith("STATUS=not ready: ") && each.contains(why));
      supervisor.until("WATCHDOG=1"::equals);
      for (Socket each : clients) {
        each.close();
      }
      supervisor.until(each -> each.startsWith("STATUS=serving"));
      assertTrue(comesIn(new ArrayList<>()), edge.log());
    } finally {
      for (Socket each : clients) {
        each.close();
      }
    }
  }

  @Test
  void leavesNoTemporaryFileWhenItIsKilled() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    for (int i = 0; i < 2; i++) {
      try (Proxy edge = start("$$", "-Djava.io.tmpdir=" + temporary)) {
        supervisor.until("READY=1"::equals);
        edge.signal(Signal.KILL);
        edge.awaitEnd();
      }
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void saysWhichSocketNobodyTakes() throws Exception {
    configure("auto", "web");
    try (Proxy edge = start("$$")) {
      assertEquals(new Child.End.Exited(1), edge.awaitEnd(), edge.log());
      assertEquals(
          "edge cannot run: inherited descriptor 3 'http' is no listener's of the configuration:"
              + " name them alike",
          last(edge));
    }
  }

  @Test
  void saysWhatATransportWantsThatCannotTakeASocket() throws Exception {
    configure("nio", "http");
    try (Proxy edge = start("$$")) {
      assertEquals(new Child.End.Exited(1), edge.awaitEnd(), edge.log());
      assertTrue(
          last(edge).startsWith("edge cannot run: listener http")
              && last(edge).contains("--add-opens"),
          last(edge));
    }
  }

  @Test
  void nioTakesASocketWhereTheJvmLetsIt() throws Exception {
    configure("nio", "http");
    try (Proxy edge =
            start(
                "$$",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED");
        Socket client = connected()) {
      assertServed(client);
      supervisor.until("READY=1"::equals);
      edge.signal(Signal.TERM);
      assertEquals(new Child.End.Exited(0), edge.awaitEnd(), edge.log());
    }
  }
}
