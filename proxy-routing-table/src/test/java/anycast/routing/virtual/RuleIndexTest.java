package anycast.routing.virtual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuleIndexTest {
  private static final Action ELSEWHERE = new Action.Redirect(308, "", "", 0, "/", false);
  private final List<CompiledRule> rules = new ArrayList<>();

  @Test
  void noRuleTakesNothing() {
    assertNull(RuleIndex.NONE.match(AskedRequest.of("/")));
    assertEquals(0, RuleIndex.NONE.size());
  }

  @Test
  void exactPathsComeBeforeTemplatesBeforePrefixes() {
    rule("prefix", prefix("/users/7"));
    rule("template", template("/users/{id}"));
    rule("exact", exact("/users/7"));
    assertFollows("exact", "/users/7");
    assertFollows("template", "/users/8");
    assertFollows("prefix", "/users/7/");
    assertFollows("prefix", "/users/7/orders");
    assertFollows(null, "/users/8/orders");
  }

  @Test
  void aTemplateWithMoreFixedSegmentsFromTheLeftComesFirst() {
    rule("any", template("/{a}/{b}/{c}"));
    rule("last", template("/{a}/{b}/c"));
    rule("middle", template("/{a}/b/{c}"));
    rule("first", template("/a/{b}/{c}"));
    assertFollows("first", "/a/b/c");
    assertFollows("middle", "/x/b/c");
    assertFollows("last", "/x/x/c");
    assertFollows("any", "/x/x/x");
    assertFollows(null, "/x/x");
    assertFollows(null, "/x//x");
  }

  @Test
  void walksBackFromALiteralThatLeadsNowhere() {
    rule("deep", template("/a/b/{x}/d"));
    rule("wide", template("/{p}/b/c/{q}"));
    assertFollows("deep", "/a/b/c/d");
    assertFollows("wide", "/a/b/c/e");
    assertFollows(null, "/a/b/x/e");
  }

  @Test
  void theLongerPrefixComesFirstAndASlashAtItsEndCountsForNothing() {
    rule("all", prefix("/"));
    rule("a", prefix("/a/"));
    rule("ab", prefix("/a/b"));
    assertFollows("ab", "/a/b");
    assertFollows("ab", "/a/b/c");
    assertFollows("a", "/a/bc");
    assertFollows("a", "/a");
    assertFollows("a", "/a/");
    assertFollows("all", "/ab");
    assertFollows("all", "/");
  }

  @Test
  void whatIsNoPathIsTakenByThePrefixOfAllOnly() {
    rule("template", template("/{x}"));
    rule("all", prefix("/"));
    rule("star", exact("*"));
    assertFollows("star", "*");
    assertFollows("all", "");
    assertFollows("all", "**");
  }

  @Test
  void onOnePathAMethodComesBeforeHeadersBeforeCookiesBeforeQueryBeforeThePort() {
    List<Condition> one = List.of(equal("x", "1"));
    List<Condition> none = List.of();
    rule("port", new Match(prefix("/"), Set.of(), none, none, none, 443));
    rule("query", new Match(prefix("/"), Set.of(), none, one, none, 0));
    rule("cookie", new Match(prefix("/"), Set.of(), none, none, one, 0));
    rule("header", new Match(prefix("/"), Set.of(), one, none, none, 0));
    rule("method", new Match(prefix("/"), Set.of("GET"), none, none, none, 0));
    List<AskedRequest.Named> x = List.of(new AskedRequest.Named("x", "1"));
    assertFollows("method", AskedRequest.of("GET", "/", 443, x, x, x));
    assertFollows("header", AskedRequest.of("PUT", "/", 443, x, x, x));
    assertFollows("cookie", AskedRequest.of("PUT", "/", 443, List.of(), x, x));
    assertFollows("query", AskedRequest.of("PUT", "/", 443, List.of(), x, List.of()));
    assertFollows("port", AskedRequest.of("PUT", "/", 443, List.of(), List.of(), List.of()));
    assertFollows(null, AskedRequest.of("PUT", "/", 80, List.of(), List.of(), List.of()));
  }

  @Test
  void aRuleWithoutItsConditionsLeavesTheRequestToALessSpecificPath() {
    rule("writes", new Match(exact("/a"), Set.of("POST"), List.of(), List.of(), List.of(), 0));
    rule("reads", prefix("/"));
    assertFollows("writes", AskedRequest.of("POST", "/a", List.of()));
    assertFollows("reads", AskedRequest.of("GET", "/a", List.of()));
  }

  @Test
  void namesDecideAmongEquals() {
    CompiledRule b = CompiledRule.of("b", new Rule("a", Match.ALL, ELSEWHERE), _ -> 0);
    CompiledRule a = CompiledRule.of("a", new Rule("z", Match.ALL, ELSEWHERE), _ -> 0);
    assertEquals(a, RuleIndex.of(List.of(b, a)).match(AskedRequest.of("/")));
  }

  @Test
  void valuesBeyondThe32ndOfANameAreNotLookedAt() {
    for (String value : List.of("a", "b", "c", "d", "e", "f")) {
      rule(value, headers(equal("x", value)));
    }
    List<AskedRequest.Named> fields =
        new ArrayList<>(Collections.nCopies(31, new AskedRequest.Named("x", "no")));
    fields.add(new AskedRequest.Named("x", "e"));
    fields.add(new AskedRequest.Named("x", "a"));
    assertFollows("e", AskedRequest.of("GET", "/", fields));
  }

  @Test
  void tenThousandRulesOnOnePathLookAtAFewPlaces() {
    for (int i = 0; i < 10_000; i++) {
      List<Condition> headers = List.of(equal("x-tenant", "t" + i), equal("x-tier", "t" + i % 3));
      rule("r" + i, new Match(prefix("/"), Set.of("GET"), headers, List.of(), List.of(), 0));
    }
    RuleIndex index = shuffled();
    assertTrue(index.worstVisits() < 8, "visits: " + index.worstVisits());
    AskedRequest request =
        AskedRequest.of(
            "GET",
            "/",
            List.of(
                new AskedRequest.Named("x-tenant", "t7001"),
                new AskedRequest.Named("x-tier", "t2")));
    assertEquals("r7001", index.match(request).rule().name());
  }

  @Test
  void tenThousandPathsLookAtAFewPlaces() {
    for (int i = 0; i < 10_000; i++) {
      switch (i % 3) {
        case 0 -> rule("r" + i, exact("/api/v" + i % 7 + "/p" + i));
        case 1 -> rule("r" + i, template("/api/v" + i % 7 + "/p" + i + "/{id}/x"));
        default -> rule("r" + i, prefix("/api/v" + i % 7 + "/p" + i));
      }
    }
    RuleIndex index = shuffled();
    assertTrue(index.worstVisits() < 20, "visits: " + index.worstVisits());
    assertEquals("r9000", index.match(AskedRequest.of("/api/v5/p9000")).rule().name());
    assertEquals("r9001", index.match(AskedRequest.of("/api/v6/p9001/4/x")).rule().name());
    assertEquals("r9002", index.match(AskedRequest.of("/api/v0/p9002/4/x")).rule().name());
    assertNull(index.match(AskedRequest.of("/api/v1/p9002/4/x")));
  }

  @Test
  void tellsHowMuchRulesCostThatNothingTellsApart() {
    for (int i = 0; i < 500; i++) {
      rule("r" + i, headers(new Condition("x-" + i, Condition.Test.PRESENT, "")));
    }
    assertTrue(shuffled().worstVisits() >= 500);
    rules.clear();
    // Each of ten segments fixed or not: the last segment decides, after 2^9 walks.
    for (int i = 0; i < 1 << 9; i++) {
      StringBuilder path = new StringBuilder();
      for (int bit = 0; bit < 9; bit++) {
        path.append((i >> bit & 1) == 0 ? "/a" : "/{x}");
      }
      rule("t" + i, template(path + "/b"));
    }
    RuleIndex index = shuffled();
    assertTrue(index.worstVisits() >= 1 << 9, "visits: " + index.worstVisits());
    assertNull(index.match(AskedRequest.of("/a".repeat(10))));
    assertEquals("t0", index.match(AskedRequest.of("/a".repeat(9) + "/b")).rule().name());
  }

  @Test
  void aPathOfThousandsOfSegmentsIsNoDeepCall() {
    String deep = "/a".repeat(20_000);
    rule("prefix", prefix(deep.substring(0, 20_000)));
    rule("template", template("/{x}".repeat(1_000)));
    assertFollows("prefix", deep);
    assertFollows("template", "/b".repeat(1_000));
  }

  @Test
  void aMatchDoesNotAllocate() {
    for (int i = 0; i < 100; i++) {
      rule("e" + i, exact("/e" + i));
      rule("t" + i, template("/t" + i + "/{x}"));
      rule("p" + i, prefix("/p" + i));
      rule("h" + i, headers(equal("x", "v" + i)));
    }
    RuleIndex index = shuffled();
    AskedRequest[] requests = {
      AskedRequest.of("/e7"),
      AskedRequest.of("/t8/9"),
      AskedRequest.of("/p9/10/11"),
      AskedRequest.of("GET", "/x", List.of(new AskedRequest.Named("x", "v77")))
    };
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // The compiler may allocate in our name; a match that allocates does so in every pass.
    for (int pass = 0; pass < 5; pass++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      int found = 0;
      for (int i = 0; i < 20_000; i++) {
        found += index.match(requests[i & 3]) == null ? 0 : 1;
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      assertEquals(20_000, found);
    }
    assertEquals(0, least);
  }

  private void rule(String name, PathMatch path) {
    rule(name, new Match(path, Set.of(), List.of(), List.of(), List.of(), 0));
  }

  private void rule(String name, Match match) {
    rules.add(CompiledRule.of("vs", new Rule(name, match, ELSEWHERE), _ -> 0));
  }

  private RuleIndex shuffled() {
    Collections.shuffle(rules, new Random(5));
    return RuleIndex.of(rules);
  }

  private void assertFollows(String rule, String path) {
    assertFollows(rule, AskedRequest.of(path));
  }

  private void assertFollows(String rule, AskedRequest request) {
    CompiledRule found = shuffled().match(request);
    assertEquals(rule, found == null ? null : found.rule().name());
  }

  private static Match headers(Condition... headers) {
    return new Match(prefix("/"), Set.of(), List.of(headers), List.of(), List.of(), 0);
  }

  private static Condition equal(String name, String value) {
    return new Condition(name, Condition.Test.EQUALS, value);
  }

  private static PathMatch exact(String text) {
    return new PathMatch.Exact(text);
  }

  private static PathMatch template(String text) {
    return new PathMatch.Template(text);
  }

  private static PathMatch prefix(String text) {
    return new PathMatch.Prefix(text);
  }
}
