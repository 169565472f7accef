package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.IdentityFiles;
import anycast.backhaul.identity.PeerIdentity;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaTest {
  @TempDir Path directory;

  @Test
  void issuedIdentityIsOneThatANodeLoads() throws Exception {
    Path out = directory.resolve("nodes/new");
    assertEquals(0, Ctl.run("ca", "init", "--dir", directory).exit());
    Ctl issued =
        Ctl.run(
            "ca", "issue", "--dir", directory, "--role", "worker", "--node", "wrk-1", "--out", out);

    assertEquals("", issued.err());
    assertEquals(0, issued.exit());
    Identity identity =
        Identity.load(
            new IdentityFiles(
                directory.resolve("ca.pem"), out.resolve("wrk-1.pem"), out.resolve("wrk-1.key")),
            InstantSource.system());
    assertEquals(new PeerIdentity(Node.Role.WORKER, new NodeId("wrk-1")), identity.self());
  }

  @Test
  void initTwiceFailsWithOneSentenceAndKeepsTheKey() throws Exception {
    Ctl.run("ca", "init", "--dir", directory);
    String key = Files.readString(directory.resolve("ca.key"));

    Ctl again = Ctl.run("ca", "init", "--dir", directory);

    assertEquals(1, again.exit());
    assertEquals(
        "proxyctl: " + directory.resolve("ca.pem") + " exists and is not overwritten\n",
        again.err());
    assertEquals(key, Files.readString(directory.resolve("ca.key")));
  }

  @Test
  void wrongRoleNodeOrDaysIsUsageAndMissingAuthorityAFault() {
    Ctl.run("ca", "init", "--dir", directory);

    assertEquals(2, issue("emperor", "n", "30").exit());
    assertEquals(2, issue("edge", "a/b", "30").exit());
    assertEquals(2, issue("edge", "n", "0").exit());
    assertEquals(2, Ctl.run("ca").exit());
    assertEquals(2, Ctl.run("ca", "init").exit());
    Ctl missing =
        Ctl.run("ca", "issue", "--dir", directory.resolve("no"), "--role", "edge", "--node", "n");
    assertEquals(1, missing.exit());
    assertTrue(missing.err().contains("does not exist"), missing.err());
  }

  @Test
  void serverCertificateHasItsNames() throws Exception {
    Ctl.run("ca", "init", "--dir", directory);
    Ctl made =
        Ctl.run("ca", "server", "--dir", directory, "--name", "www", "--dns", "a.test,*.b.test");

    assertEquals("", made.err());
    assertTrue(Files.readString(directory.resolve("www.pem")).startsWith("-----BEGIN CERT"));
    assertEquals(
        1, Ctl.run("ca", "server", "--dir", directory, "--name", "x", "--dns", "a b").exit());
  }

  private Ctl issue(String role, String node, String days) {
    return Ctl.run(
        "ca", "issue", "--dir", directory, "--role", role, "--node", node, "--days", days);
  }
}
