package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Libc;
import anycast.backhaul.posix.Signal;
import anycast.routing.ChildJvm;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The supervisor as a process of its own, and how it is asked.
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SuperviseCommandTest {
  private static final String SERVICES =
      """
      socket: s.sock
      ready_file: ready.json
      die_with_supervisor: true
      services:
        - name: web
          command: [sleep, "600"]
          notify: false
          log: web.log
          sockets: [ { name: http, listen: "127.0.0.1:0" } ]
        - name: deaf
          command: [sh, -c, 'trap "" TERM; echo up; while :; do sleep 0.05; done']
          notify: false
          log: deaf.log
      """;

  @TempDir private Path directory;

  private Process supervisor() throws Exception {
    Path file = Files.writeString(directory.resolve("supervisor.yaml"), SERVICES);
    Process process =
        ChildJvm.start(
            directory.resolve("supervisor.log"),
            ChildJvm.command(
                List.of(ChildJvm.QUICK, "-Dlogback.configurationFile=logback.xml"),
                Main.class,
                "supervise",
                file));
    Path deaf = directory.resolve("deaf.log");
    while (!Files.exists(deaf) || Files.size(deaf) == 0) {
      assertTrue(process.isAlive(), () -> log());
      Thread.onSpinWait();
    }
    return process;
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("supervisor.log"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Ctl ctl(Object... arguments) {
    Object[] all = new Object[arguments.length + 3];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--socket=" + directory.resolve("s.sock");
    all[arguments.length + 1] = "--timeout=30s";
    all[arguments.length + 2] = "--json";
    return Ctl.run(all);
  }

  private JsonNode service(int index) throws IOException {
    Ctl answer = ctl("services");
    assertEquals(0, answer.exit(), answer.err());
    return new ObjectMapper().readTree(answer.out()).path("services").path(index);
  }

  private static void awaitGone(int pid) throws Exception {
    CompletableFuture<ProcessHandle> gone =
        ProcessHandle.of(pid)
            .map(ProcessHandle::onExit)
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    gone.get(60, TimeUnit.SECONDS);
  }

  @Test
  void anOperatorSeesServicesAndOrdersThem() throws Exception {
    Process supervisor = supervisor();
    try {
      JsonNode ready =
          new ObjectMapper().readTree(Files.readString(directory.resolve("ready.json")));
      assertEquals(supervisor.pid(), ready.path("pid").asLong());
      JsonNode web = service(0);
      assertEquals("ready", web.path("state").asText());
      assertEquals(
          ready.path("services").path("web").path("http").asText(),
          web.path("sockets").path(0).path("address").asText());
      int first = web.path("pid").asInt();

      Ctl table = Ctl.run("services", "--socket", directory.resolve("s.sock"), "--timeout=30s");
      assertTrue(table.out().startsWith("SERVICE  STATE  "), table.out());
      assertTrue(table.out().contains("http=127.0.0.1:"), table.out());

      assertEquals(0, ctl("services", "restart", "web").exit());
      awaitGone(first);
      while (service(0).path("pid").asInt(first) == first) {
        Thread.onSpinWait();
      }
      assertEquals("SIGTERM", service(0).path("last_end").path("how").asText());
      assertEquals("asked to stop", service(0).path("last_end").path("reason").asText());
      assertEquals(1, service(0).path("restarts").asInt());

      assertEquals(0, ctl("services", "stop", "web").exit());
      while (!service(0).path("state").asText().equals("stopped")) {
        Thread.onSpinWait();
      }
      assertTrue(service(0).path("pid").isNull());
      assertEquals(
          "{\"service\":\"web\",\"state\":\"ready\"}", sorted(ctl("services", "start", "web")));

      Ctl unknown = ctl("services", "stop", "nobody");
      assertEquals(1, unknown.exit());
      assertTrue(unknown.err().contains("no service is called nobody"), unknown.err());
    } finally {
      supervisor.destroyForcibly().waitFor();
    }
  }

  private static String sorted(Ctl answer) throws IOException {
    JsonNode node = new ObjectMapper().readTree(answer.out());
    return "{\"service\":\""
        + node.path("service").asText()
        + "\",\"state\":\""
        + node.path("state").asText()
        + "\"}";
  }

  @Test
  void sigtermStopsItsServicesAndASecondOneWaitsForNobody() throws Exception {
    Process supervisor = supervisor();
    try {
      int web = service(0).path("pid").asInt();
      int deaf = service(1).path("pid").asInt();
      Libc.kill((int) supervisor.pid(), Signal.TERM);
      while (!service(1).path("state").asText().equals("stopping")) {
        Thread.onSpinWait();
      }
      Libc.kill((int) supervisor.pid(), Signal.TERM);
      assertTrue(supervisor.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, supervisor.exitValue(), log());
      awaitGone(web);
      awaitGone(deaf);
      assertTrue(Files.notExists(directory.resolve("s.sock")));
      assertTrue(log().contains("stopping at once"), log());
    } finally {
      supervisor.destroyForcibly().waitFor();
    }
  }

  @Test
  void servicesDieWithASupervisorThatIsKilled() throws Exception {
    Process supervisor = supervisor();
    int web = service(0).path("pid").asInt();
    int deaf = service(1).path("pid").asInt();
    Libc.kill((int) supervisor.pid(), Signal.KILL);
    awaitGone(web);
    awaitGone(deaf);
    supervisor.waitFor();
  }

  @Test
  void aFileIsCheckedWithoutStartingAnything() throws Exception {
    Path file = Files.writeString(directory.resolve("supervisor.yaml"), SERVICES);
    Ctl right = Ctl.run("supervise", "--check", file);
    assertEquals(0, right.exit(), right.err());
    assertTrue(right.out().contains("is right: 2 services"), right.out());
    Files.writeString(file, SERVICES.replace("log: web.log", "log: no/web.log"));
    Ctl wrong = Ctl.run("supervise", file);
    assertEquals(2, wrong.exit());
    assertTrue(
        wrong.err().contains("supervisor.yaml:8: `services[0].log` is in a directory"),
        wrong.err());
  }
}
