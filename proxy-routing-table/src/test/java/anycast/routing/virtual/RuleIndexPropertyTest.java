package anycast.routing.virtual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class RuleIndexPropertyTest {
  private static final Action ELSEWHERE = new Action.Redirect(308, "", "", 0, "/", false);

  /// Few words, so that paths, names and values meet.
  @Property(tries = 4_000)
  void findsWhatTryingEveryRuleFinds(
      @ForAll("rules") List<CompiledRule> rules, @ForAll("requests") List<AskedRequest> requests) {
    RuleIndex index = RuleIndex.of(rules);
    for (AskedRequest request : requests) {
      assertSame(NaiveRules.match(rules, request), index.match(request));
    }
  }

  /// All rules on one path: what is left are conditions.
  @Property(tries = 1_000)
  void findsAmongManyConditionsOnOnePath(
      @ForAll("rulesOnOnePath") List<CompiledRule> rules,
      @ForAll("requests") List<AskedRequest> requests) {
    RuleIndex index = RuleIndex.of(rules);
    for (AskedRequest request : requests) {
      assertSame(NaiveRules.match(rules, request), index.match(request));
    }
  }

  @Property(tries = 1_000)
  void theOrderOfWritingCountsForNothing(
      @ForAll("rules") List<CompiledRule> rules,
      @ForAll("requests") List<AskedRequest> requests,
      @ForAll Random random) {
    List<CompiledRule> shuffled = new ArrayList<>(rules);
    Collections.shuffle(shuffled, random);
    RuleIndex one = RuleIndex.of(rules);
    RuleIndex other = RuleIndex.of(shuffled);
    assertEquals(one.rules(), other.rules());
    for (AskedRequest request : requests) {
      assertSame(one.match(request), other.match(request));
    }
  }

  @Property(tries = 2_000)
  void theOrderIsAnOrder(@ForAll("rules") List<CompiledRule> rules) {
    for (CompiledRule a : rules) {
      for (CompiledRule b : rules) {
        int order = RuleOrder.MOST_SPECIFIC_FIRST.compare(a, b);
        assertEquals(
            Integer.signum(order), -Integer.signum(RuleOrder.MOST_SPECIFIC_FIRST.compare(b, a)));
        assertEquals(a == b, order == 0);
        for (CompiledRule c : rules) {
          if (order <= 0 && RuleOrder.MOST_SPECIFIC_FIRST.compare(b, c) <= 0) {
            assertEquals(true, RuleOrder.MOST_SPECIFIC_FIRST.compare(a, c) <= 0);
          }
        }
      }
    }
  }

  @Provide
  Arbitrary<List<CompiledRule>> rules() {
    return matches(paths()).list().ofMaxSize(14).map(RuleIndexPropertyTest::named);
  }

  @Provide
  Arbitrary<List<CompiledRule>> rulesOnOnePath() {
    return matches(Arbitraries.just(new PathMatch.Prefix("/")))
        .list()
        .ofMinSize(5)
        .ofMaxSize(60)
        .map(RuleIndexPropertyTest::named);
  }

  @Provide
  Arbitrary<List<AskedRequest>> requests() {
    Arbitrary<String> path = segments("a", "b", "").map(RuleIndexPropertyTest::path);
    Arbitrary<List<AskedRequest.Named>> fields =
        Combinators.combine(Arbitraries.of("m", "n", "o"), Arbitraries.of("x", "xy", "z", ""))
            .as(AskedRequest.Named::new)
            .list()
            .ofMaxSize(4);
    return Combinators.combine(
            Arbitraries.of("GET", "POST", "PUT"),
            path,
            Arbitraries.of(80, 443),
            fields,
            fields,
            fields)
        .as(AskedRequest::of)
        .list()
        .ofSize(12);
  }

  private static Arbitrary<PathMatch> paths() {
    return Arbitraries.oneOf(
        segments("a", "b", "").map(list -> new PathMatch.Exact(path(list))),
        segments("a", "b", "{x}").map(list -> new PathMatch.Template(path(list))),
        segments("a", "b").map(list -> new PathMatch.Prefix(path(list))),
        segments("a", "b")
            .map(list -> new PathMatch.Prefix(list.isEmpty() ? "/" : path(list) + "/")));
  }

  private static Arbitrary<List<String>> segments(String... words) {
    return Arbitraries.of(words).list().ofMaxSize(4);
  }

  private static String path(List<String> segments) {
    return "/" + String.join("/", segments);
  }

  private static Arbitrary<Match> matches(Arbitrary<? extends PathMatch> paths) {
    Arbitrary<Condition> condition =
        Combinators.combine(
                Arbitraries.of("m", "n", "o"),
                Arbitraries.frequencyOf(
                    Tuple.of(4, Arbitraries.just(Condition.Test.EQUALS)),
                    Tuple.of(2, Arbitraries.of(Condition.Test.class))),
                Arbitraries.of("x", "xy", "z"))
            .as(RuleIndexPropertyTest::condition);
    Arbitrary<List<Condition>> conditions =
        Arbitraries.frequencyOf(
            Tuple.of(2, Arbitraries.just(List.of())), Tuple.of(1, condition.list().ofMaxSize(2)));
    return Combinators.combine(
            paths,
            Arbitraries.of("GET", "POST", "PUT").set().ofMaxSize(2),
            conditions,
            conditions,
            conditions,
            Arbitraries.of(0, 0, 80, 443))
        .as((path, methods, headers, query, cookies, port) ->
            new Match(path, Set.copyOf(methods), headers, query, cookies, port));
  }

  private static Condition condition(String name, Condition.Test test, String value) {
    return switch (test) {
      case EQUALS, STARTS_WITH -> new Condition(name, test, value);
      case PRESENT, ABSENT -> new Condition(name, test, "");
    };
  }

  /// Rules of three virtual services, named against the order in which they come.
  private static List<CompiledRule> named(List<Match> matches) {
    List<CompiledRule> rules = new ArrayList<>();
    for (int i = 0; i < matches.size(); i++) {
      String name = "r" + (matches.size() - i) % 5 + "-" + i;
      Rule rule = new Rule(name, matches.get(i), ELSEWHERE);
      rules.add(CompiledRule.of("vs" + i % 3, rule, _ -> 0));
    }
    return rules;
  }
}
