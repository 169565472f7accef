package anycast.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.demo.Supervised;
import anycast.routing.model.rule.Poison;
import anycast.routing.time.Ticker;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/// Two poisons on a real fleet; the others are for `deploy/drill poison`.
///
/// How long it takes is judged there, too: a machine that tests run on is busy. In order, because
/// the last one ends the fleet.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(400)
final class DrillPoisonTest extends OnAFleet {
  private PoisonResult struck(Poison.Kind kind, Poison.At at) throws Exception {
    PoisonCase one = new PoisonCase(new Poison(kind, at), PoisonCase.Way.CHANGE, false);
    try (Operator operator = new Operator(dir, out, Ticker.system())) {
      Ward ward = new Ward(operator, 1, Ticker.system(), out);
      return PoisonDrill.results(operator, dir, List.of(one), ward, out).getFirst();
    }
  }

  /// Problems that are not about how busy this machine is.
  private static List<String> grave(PoisonResult result) {
    return result.problems().stream()
        .filter(problem -> !problem.contains("longer than") && !problem.contains("came late"))
        .toList();
  }

  @Test
  @Order(1)
  void aRuleThatLocksUpItsLoopCostsOneRestartAndStaysOut() throws Exception {
    PoisonResult result = struck(Poison.Kind.LOCK, Poison.At.REQUEST);
    assertEquals(List.of(), grave(result), this::said);
    assertEquals(1, result.restarts(), this::said);
    assertTrue(said().contains("edge-fra-1 keeps it out: "), this::said);
    assertTrue(said().contains("Strike.lock"), this::said);
    assertTrue(said().contains("edge-fra-1 answers by the version before"), this::said);
  }

  @Test
  @Order(2)
  void aDocumentThatHangsTheCompilerCostsNoRestart() throws Exception {
    PoisonResult result = struck(Poison.Kind.HANG, Poison.At.COMPILE);
    assertEquals(List.of(), grave(result), this::said);
    assertEquals(0, result.restarts(), this::said);
    assertTrue(said().contains("Strike.hang"), this::said);
    assertTrue(said().contains("edge-iad-1 answers by the version before"), this::said);
  }

  @Test
  @Order(3)
  void proxiesEndWithTheirSupervisor() throws Exception {
    try (Operator operator = new Operator(dir, out, Ticker.system())) {
      List<ProcessHandle> proxies =
          operator.supervisor().services().stream()
              .map(Supervised.Service::pid)
              .map(pid -> ProcessHandle.of(pid).orElseThrow())
              .toList();
      assertFalse(proxies.isEmpty());
      long supervisor = fleet.file().path("supervisor").path("pid").asLong();
      ProcessHandle.of(supervisor).orElseThrow().destroyForcibly();
      for (ProcessHandle proxy : proxies) {
        operator.await("pid " + proxy.pid() + " ends", () -> !proxy.isAlive());
      }
    }
  }
}
