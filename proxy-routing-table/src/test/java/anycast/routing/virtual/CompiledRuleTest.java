package anycast.routing.virtual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Mirror;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompiledRuleTest {
  @Test
  void asksForTheSlotsOfItsTargetsInTheirOrder() {
    List<Integer> ports = new ArrayList<>();
    Action.Forward action =
        new Action.Forward(
            List.of(target(1), target(2)),
            List.of(target(3)),
            null,
            HeaderEdits.NONE,
            HeaderEdits.NONE,
            Terms.OF_SERVICE,
            new Mirror(target(99), 10));
    CompiledRule rule =
        CompiledRule.of(
            "vs",
            new Rule("r", Match.ALL, action),
            target -> {
              ports.add(target.port());
              return target.port() * 10;
            });
    assertEquals(List.of(1, 2, 3, 99), ports);
    assertArrayEquals(new int[] {10, 20}, rule.to());
    assertArrayEquals(new int[] {30}, rule.fallback());
    assertEquals(990, rule.mirror());
    assertEquals("vs/r", rule.name());
  }

  private static Target target(int port) {
    return new Target(new LabelSelector(List.of()), port, 1);
  }
}
