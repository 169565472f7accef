package anycast.routing.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Poison;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.SnapshotBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Documents with a built-in fault.
final class PoisonReadingTest {
  private static String document(String fault) {
    return """
    hosts: [a.test]
    rules:
      - to: [ { selector: app=a } ]
      - match: { path: /b }
        redirect: { host: b.test }
    fault: %s
    """
        .formatted(fault);
  }

  @Test
  void withoutLeaveTheDocumentIsRefused() {
    String text = document("{ kind: throw, at: read }");
    List<Problem> problems =
        assertInstanceOf(DocumentRead.Invalid.class, DocumentReader.read(text)).problems();
    assertEquals(1, problems.size());
    assertTrue(
        problems.getFirst().text().contains("built-in faults are not enabled"),
        problems.toString());
  }

  @Test
  void withLeaveEachOfItsRulesHasTheFault() {
    RuleSet set = DocumentReader.rules(document("{ kind: spin, at: request }"), true);
    assertEquals(2, set.rules().size());
    for (Rule rule : set.rules()) {
      assertEquals(new Poison(Poison.Kind.SPIN, Poison.At.REQUEST), rule.poison());
    }
    assertNull(
        DocumentReader.rules("hosts: [a.test]\nrules: [ { to: [ { selector: a } ] } ]\n", true)
            .rules()
            .getFirst()
            .poison());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: throw }|wants both `kind:` and `at:`",
        "{ kind: explode, at: read }|wants one of lock, hang, throw, memory, spin, not explode",
        "{ kind: lock, at: night }|wants one of read, compile, rehearse, request, not night",
        "lock|wants a mapping such as { kind: throw, at: request }, not lock",
        "{ kind: lock, at: read, how: so }|is not known here",
      })
  void saysWhatIsWrong(String fault, String wanted) {
    List<Problem> problems =
        assertInstanceOf(DocumentRead.Invalid.class, DocumentReader.read(document(fault), true))
            .problems();
    assertEquals(1, problems.size(), problems.toString());
    assertTrue(problems.getFirst().text().contains(wanted), problems.toString());
  }

  @Test
  void strikesWhoReadsOrCompiles() {
    String read = document("{ kind: throw, at: read }");
    assertThrows(IllegalStateException.class, () -> DocumentReader.read(read, true));
    String compile = document("{ kind: throw, at: compile }");
    RuleSet rules = DocumentReader.rules(compile, true);
    SnapshotBuilder builder =
        new SnapshotBuilder(new Locality(new NodeId("edge-1"), new RegionCode("fra")));
    Delta delta = new Delta(List.of(new Change.Put(new VirtualService("v", compile, 1, rules))));
    assertThrows(IllegalStateException.class, () -> builder.apply(builder.empty(), delta));
  }
}
