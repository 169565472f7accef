package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.ListeningSocket;
import anycast.backhaul.posix.Signal;
import anycast.backhaul.watchdog.Proxy;
import anycast.backhaul.watchdog.Supervising;
import anycast.routing.model.Node;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The worker as a process of somebody who holds its socket and listens to what it tells.
@Timeout(120)
class WorkerProcessTest {
  @TempDir Path folder;

  @Test
  void isReadyWhenItReachedItselfThroughTheSocketThatItInherited() throws Exception {
    Proxy.prepare(folder, Node.Role.WORKER, Chain.WORKER);
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        node: %1$s
        region: fra
        state: { urls: ["http://127.0.0.1:1"] }
        last_good: { directory: good }
        backhaul: { listen: "127.0.0.1:0", advertise: "" }
        identity: { ca: ca.pem, certificate: %1$s.pem, key: %1$s.key }
        admin: { socket: w.sock }
        ready_file: w.json
        runtime: { event_loops: 2 }
        """
            .formatted(Chain.WORKER));
    try (Supervising supervisor = new Supervising(folder);
        ListeningSocket socket = ListeningSocket.open(new InetSocketAddress("127.0.0.1", 0), 16);
        Proxy worker =
            Proxy.start(
                folder,
                WorkerMain.class,
                List.of(),
                Map.of(
                    "NOTIFY_SOCKET", supervisor.path(),
                    "WATCHDOG_USEC", "2000000",
                    "LISTEN_PID", "$$",
                    "LISTEN_FDNAMES", "backhaul"),
                List.of(socket.fd()))) {
      List<String> ready = supervisor.until("READY=1"::equals).getLast();
      assertTrue(ready.contains("WATCHDOG=1"), ready.toString());
      worker.signal(Signal.TERM);
      supervisor.until("STOPPING=1"::equals);
      assertEquals(new Child.End.Exited(0), worker.awaitEnd(), worker.log());
      String address = "127.0.0.1:" + socket.address().getPort();
      String told = Files.readString(folder.resolve("w.json"));
      assertTrue(told.contains(address), told);
    }
  }
}
