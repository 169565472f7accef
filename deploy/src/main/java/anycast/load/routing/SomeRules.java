package anycast.load.routing;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.RuleIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Rules of one host, and requests that they take.
final class SomeRules {
  private SomeRules() {}

  static RuleIndex index(MatchBenchmark.Shape shape, int count) {
    List<CompiledRule> rules = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Rule rule = new Rule("rule-" + i, match(shape, i), forward("app=app-" + i % 100));
      rules.add(CompiledRule.of("service-" + i % 7, rule, _ -> 0));
    }
    return RuleIndex.of(rules);
  }

  static Action forward(String selector) {
    return new Action.Forward(
        List.of(new Target(LabelSelector.parse(selector), 8080, 1)),
        List.of(),
        null,
        HeaderEdits.NONE,
        HeaderEdits.NONE,
        Terms.OF_SERVICE,
        null);
  }

  static SomeRequest[] requests(MatchBenchmark.Shape shape, int rules, int count) {
    SplittableRandom random = new SplittableRandom(42);
    SomeRequest[] requests = new SomeRequest[count];
    for (int i = 0; i < count; i++) {
      // One in eight is taken by nobody, or by what takes all.
      int rule = random.nextInt(8) == 0 ? -1 : random.nextInt(rules);
      requests[i] = request(shape, rule);
    }
    return requests;
  }

  static Match match(MatchBenchmark.Shape shape, int i) {
    return switch (shape) {
      case EXACT -> on(new PathMatch.Exact("/api/v1/resource-" + i + "/items"));
      case PREFIX -> on(new PathMatch.Prefix("/api/v1/resource-" + i));
      case TEMPLATE -> on(new PathMatch.Template("/api/v1/resource-" + i + "/items/{id}"));
      case HEADER ->
          new Match(
              new PathMatch.Prefix("/"), Set.of(), List.of(tenant(i)), List.of(), List.of(), 0);
      case METHOD_AND_HEADER ->
          new Match(
              new PathMatch.Prefix("/api"),
              Set.of(i % 2 == 0 ? "GET" : "POST"),
              List.of(new Condition("x-tier", Condition.Test.EQUALS, "tier-" + i % 3), tenant(i)),
              List.of(),
              List.of(),
              0);
      case MIXED -> match(MatchBenchmark.Shape.values()[i % 5], i);
    };
  }

  private static Match on(PathMatch path) {
    return new Match(path, Set.of(), List.of(), List.of(), List.of(), 0);
  }

  private static Condition tenant(int i) {
    return new Condition("x-tenant", Condition.Test.EQUALS, "tenant-" + i);
  }

  /// @param i the rule's number; -1 for a request that none of them is for
  private static SomeRequest request(MatchBenchmark.Shape shape, int i) {
    String[] tenant = {"x-tenant", "tenant-" + i, "x-tier", "tier-" + i % 3};
    return switch (shape) {
      case EXACT -> SomeRequest.of("GET", "/api/v1/resource-" + i + "/items");
      case PREFIX -> SomeRequest.of("GET", "/api/v1/resource-" + i + "/items/4711/parts");
      case TEMPLATE -> SomeRequest.of("GET", "/api/v1/resource-" + i + "/items/4711");
      case HEADER -> SomeRequest.of("GET", "/products/4711", tenant);
      case METHOD_AND_HEADER ->
          SomeRequest.of(i % 2 == 0 ? "GET" : "POST", "/api/v1/products", tenant);
      case MIXED ->
          request(i < 0 ? MatchBenchmark.Shape.EXACT : MatchBenchmark.Shape.values()[i % 5], i);
    };
  }
}
