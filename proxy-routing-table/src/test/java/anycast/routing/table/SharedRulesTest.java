package anycast.routing.table;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.RuleIndex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// How much of the rules of one host is that of others.
class SharedRulesTest {
  private static final int LARGE = CompiledService.MAX_JOINED + 50;

  private final SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);
  private RoutingSnapshot world = builder.empty();

  @Test
  void hostsOfOneServiceHaveOneIndex() {
    List<String> hosts = new ArrayList<>(Documents.hosts(255));
    hosts.add("*.wild.test");
    put(Documents.of("v", 10, hosts));
    assertEquals(1, distinct().size());
    assertEquals(256, world.ruleCounts().hosts());
    HostRules before = rules("h7.test");
    put(Documents.of("v", 10, hosts));
    assertEquals(1, distinct().size());
    assertNotSame(before, rules("h7.test"));
  }

  @Test
  void hostsThatTwoServicesShareHaveOneIndexOfBoth() {
    put(Documents.of("v", 3, Documents.hosts(100)), Documents.of("w", 3, Documents.hosts(50)));
    assertEquals(2, distinct().size());
    assertSame(rules("h0.test"), rules("h49.test"));
    assertSame(rules("h50.test"), rules("h99.test"));
    assertEquals(6, rules("h0.test").rules().size());
    assertEquals(3, rules("h50.test").rules().size());
  }

  @Test
  void hostThatASecondServiceLeavesIsLikeTheOthersAgain() {
    put(Documents.of("v", 3, Documents.hosts(100)));
    HostRules alone = rules("h0.test");
    for (int i = 0; i < 100; i++) {
      put(Documents.of("w", 1, List.of("h" + i + ".test")));
      assertEquals(2, distinct().size());
    }
    world = builder.apply(world, Rows.removes(Documents.of("w", 1, List.of("h99.test"))));
    assertEquals(Set.of(alone), distinct());
  }

  @Test
  void whoLeavesWhatOnlyTheyHadIsReadAnew() {
    put(Documents.of("v", 3, List.of("a.test")), Documents.of("w", 3, List.of("a.test")));
    world = builder.apply(world, Rows.removes(Documents.of("w", 3, List.of("a.test"))));
    assertEquals(3, rules("a.test").rules().size());
    assertEquals("no rule", Asked.route(world, "a.test", "/w-1", 80));
    assertEquals("v/r1", Asked.route(world, "a.test", "/v-1", 80));
  }

  @Test
  void largeServiceIsWorkedIntoNoOtherIndex() {
    put(Documents.of("large", LARGE, Documents.hosts(20)));
    long alone = Retained.bytes(world, builder.empty());
    RoutingSnapshot before = world;
    for (int i = 0; i < 20; i++) {
      put(Documents.of("small-" + i, 1, List.of("h" + i + ".test")));
    }
    assertEquals(20, distinct().size());
    long more = Retained.bytes(world, before);
    assertTrue(more < alone / 2, more + " bytes on " + alone);
    assertEquals(LARGE + 1, rules("h7.test").rules().size());
    assertEquals("large/r3", Asked.route(world, "h7.test", "/large-3", 80));
    assertEquals("small-7/r0", Asked.route(world, "h7.test", "/small-7-0", 80));
  }

  @Test
  void indexesSideBySideAnswerAsOneOverAllRules() {
    Random random = new Random(7);
    List<String> words = List.of("a", "b", "c", "d", "e", "f", "g");
    put(
        Documents.of("one", LARGE, List.of("x.test"), _ -> anyMatch(words, random)),
        Documents.of("two", LARGE, List.of("x.test", "y.test"), _ -> anyMatch(words, random)),
        Documents.of("three", 40, List.of("x.test"), _ -> anyMatch(words, random)),
        Documents.of("four", 40, List.of("x.test"), _ -> anyMatch(words, random)));
    List<CompiledRule> all = new ArrayList<>();
    world.rules.services().each(each -> all.addAll(each.value.rules()));
    RuleIndex one = RuleIndex.of(all);
    assertEquals(one.rules(), rules("x.test").rules());
    assertTrue(rules("x.test").worstVisits() >= one.worstVisits());
    byte[] host = "x.test".getBytes(US_ASCII);
    Set<String> followed = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      StringBuilder path = new StringBuilder();
      for (int depth = random.nextInt(4); depth >= 0; depth--) {
        path.append('/').append(words.get(random.nextInt(words.size())));
      }
      Asked asked = new Asked(path.toString(), random.nextBoolean() ? 80 : 443);
      CompiledRule expected = one.match(asked);
      switch (world.route(host, 0, host.length, asked)) {
        case Destination.ByRule(CompiledRule rule) -> {
          assertSame(expected, rule, path::toString);
          followed.add(rule.service());
        }
        case Destination.NoRule _ -> assertNull(expected, path::toString);
        case Destination.ByApp _, Destination.NoHost _ -> throw new AssertionError(path);
      }
    }
    assertEquals(Set.of("one", "two", "three", "four"), followed);
  }

  @Test
  void whatTheReaderMadeReadyIsUsed() {
    VirtualService read = Documents.of("v", 10, List.of("a.test"));
    put(read);
    assertNotNull(read.rules().prepared());
    RoutingSnapshot other = builder.apply(builder.empty(), Rows.puts(read));
    long twice = Retained.bytes(other, world);
    VirtualService bare =
        new VirtualService(
            "v", read.document(), 1, new RuleSet(read.rules().hosts(), read.rules().rules()));
    long anew = Retained.bytes(builder.apply(builder.empty(), Rows.puts(bare)), world);
    assertTrue(twice + 500 < anew, twice + " bytes, " + anew);
  }

  private static String anyMatch(List<String> words, Random random) {
    StringBuilder path = new StringBuilder();
    boolean template = random.nextInt(3) == 0;
    for (int depth = random.nextInt(4); depth >= 0; depth--) {
      boolean wild = template && (depth == 0 || random.nextInt(3) == 0);
      String word = words.get(random.nextInt(words.size()));
      path.append('/').append(wild ? "{w" + depth + "}" : word);
    }
    String kind = template ? "template" : random.nextBoolean() ? "prefix" : "exact";
    return "path: { %s: \"%s\" }%s"
        .formatted(kind, path, random.nextBoolean() ? "" : ", port: 443");
  }

  private void put(VirtualService... services) {
    world = builder.apply(world, Rows.puts(services));
  }

  private HostRules rules(String host) {
    return world.rules.hosts().entry(host).value;
  }

  private Set<HostRules> distinct() {
    Set<HostRules> all = new HashSet<>();
    world.eachRuleHost((_, rules) -> all.add(rules));
    return all;
  }
}
