package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.identity.PrivateCa;
import anycast.routing.ChildJvm;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The worker as a process: what it says where it cannot start.
final class WorkerMainTest {
  @TempDir Path folder;

  @Test
  void tellsEveryProblemOfItsConfigurationAtOnce() throws Exception {
    ChildJvm.Ended ended =
        run(
            """
            node: wrk-fra-1
            region: fra
            state: { urls: ["not an address"] }
            backhaul: { listen: "127.0.0.1", advertize: "" }
            identity: { ca: missing.pem, certificate: ., key: missing.key }
            admin: { socket: wrk.sock }
            instances:
              - { id: a, app: hello, address: 127.0.0.1, port: many }
              - { id: a, app: hello, address: 127.0.0.1, port: 70000 }
            """);
    assertEquals(2, ended.code(), ended.said());
    for (String problem :
        new String[] {
          ":3: `state.urls` wants addresses like http",
          ":4: `backhaul.listen` wants host:port",
          ":4: unknown key `advertize` in `backhaul`; did you mean `advertise`?",
          ":5: `identity.ca` names a file that is not there",
          ":5: `identity.certificate` names a directory",
          ":5: `identity.key` names a file that is not there",
          ":8: `instances[0].port` wants a whole number",
          ":9: `instances[1].id` is another instance's id too",
          ":9: `instances[1].port` wants a whole number from 0 to 65535"
        }) {
      assertTrue(ended.said().contains(problem), problem + " is not in\n" + ended.said());
    }
    assertEquals(9, ended.said().lines().count(), ended.said());
  }

  @Test
  void refusesTheIdentityOfAnother() throws Exception {
    identity(Node.Role.EDGE);
    ChildJvm.Ended ended = run(valid("127.0.0.1:0"));
    assertEquals(2, ended.code(), ended.said());
    assertEquals(1, ended.said().lines().count(), ended.said());
    assertTrue(ended.said().contains("is for edge n, wants worker n: make one"), ended.said());
  }

  @Test
  void saysInOneLineThatItCannotListen() throws Exception {
    identity(Node.Role.WORKER);
    for (String address : new String[] {"192.0.2.1:0", "no-such-host.invalid:7443"}) {
      ChildJvm.Ended ended = run(valid(address));
      assertEquals(1, ended.code(), ended.said());
      String last = ended.said().lines().toList().getLast();
      assertTrue(last.startsWith("worker cannot run: cannot listen on " + address), last);
      assertFalse(ended.said().contains("\tat "), ended.said());
    }
  }

  private void identity(Node.Role role) throws Exception {
    PrivateCa ca = PrivateCa.init(folder, InstantSource.system());
    ca.issue(role, new NodeId("n"), Duration.ofDays(1)).write(folder, "n", ca.certificateFile());
  }

  private static String valid(String listen) {
    return """
    node: n
    region: fra
    state: { urls: ["http://127.0.0.1:1"] }
    backhaul: { listen: "%s", advertise: "" }
    identity: { ca: ca.pem, certificate: n.pem, key: n.key }
    admin: { socket: wrk.sock }
    """
        .formatted(listen);
  }

  private ChildJvm.Ended run(String text) throws IOException, InterruptedException {
    Path config = Files.writeString(folder.resolve("wrk.yaml"), text);
    return ChildJvm.run(
        folder.resolve("errors.txt"), ChildJvm.quick(WorkerMain.class, "--config", config));
  }
}
