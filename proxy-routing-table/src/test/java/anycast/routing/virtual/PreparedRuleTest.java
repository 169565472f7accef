package anycast.routing.virtual;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Mirror;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rewrite;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreparedRuleTest {
  @Test
  void sharesFollowTheWeights() {
    PreparedRule prepared = forward("/", null, 3, 0, 1).prepared();
    int[] counts = new int[3];
    for (long random = -2_000; random < 2_000; random++) {
      counts[prepared.choose(random)]++;
    }
    assertArrayEquals(new int[] {3_000, 0, 1_000}, counts);
  }

  @Test
  void withoutAnyWeightNobodyIsChosen() {
    assertEquals(-1, forward("/", null, 0, 0).prepared().choose(7));
  }

  @Test
  void asksForTheSlotsOfItsTargetsInTheirOrder() {
    List<Integer> ports = new ArrayList<>();
    Target mirrored = new Target(new LabelSelector(List.of()), 99, 1);
    Action.Forward action =
        new Action.Forward(
            List.of(target(1, 1), target(2, 1)),
            List.of(target(3, 1)),
            null,
            HeaderEdits.NONE,
            HeaderEdits.NONE,
            Terms.OF_SERVICE,
            new Mirror(mirrored, 10));
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
  }

  @Test
  void prefixesAreCountedWithoutASlashAtTheirEnd() {
    assertEquals(0, forward("/", null, 1).prepared().prefixBytes());
    assertEquals(4, forward("/api/", null, 1).prepared().prefixBytes());
    PreparedRule rewritten = forward("/api", new Rewrite("/v2/", "inner"), 1).prepared();
    assertArrayEquals("/v2".getBytes(UTF_8), rewritten.prefix());
    assertArrayEquals("inner".getBytes(UTF_8), rewritten.host());
    assertNull(forward("/api", new Rewrite("", "inner"), 1).prepared().prefix());
    assertEquals(0, forward("/api", new Rewrite("/", ""), 1).prepared().prefix().length);
  }

  private static Target target(int port, int weight) {
    return new Target(new LabelSelector(List.of()), port, weight);
  }

  private static CompiledRule forward(String prefix, Rewrite rewrite, int... weights) {
    List<Target> targets = new ArrayList<>();
    for (int weight : weights) {
      targets.add(target(80, weight));
    }
    Match match =
        new Match(new PathMatch.Prefix(prefix), Set.of(), List.of(), List.of(), List.of(), 0);
    Action action =
        new Action.Forward(
            targets,
            List.of(),
            rewrite,
            HeaderEdits.NONE,
            HeaderEdits.NONE,
            Terms.OF_SERVICE,
            null);
    return CompiledRule.of("vs", new Rule("r", match, action), _ -> 0);
  }
}
