package anycast.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Instance;
import anycast.routing.model.Instance.State;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Picker;
import anycast.routing.pick.ServiceStats;
import anycast.routing.virtual.RuleIndex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Random histories of rules and of what they select, against the same worked out anew.
class RuleModelTest {
  private static final List<String> HOSTS =
      List.of("x.org", "a.x.org", "b.a.x.org", "*.x.org", "*.a.x.org", "*.org");
  private static final List<String> ASKED =
      List.of("x.org", "a.x.org", "b.a.x.org", "c.b.a.x.org", "z.org", "org");
  private static final List<String> PATHS = List.of("/", "/a", "/a/b", "/ab");
  private static final List<String> SELECTORS =
      List.of(
          "app=a0",
          "app=a0,tier=gold",
          "app in (a0,a1),canary",
          "app=a1,!canary",
          "tier in (gold,silver)",
          "tier!=gold",
          "!canary",
          "canary",
          "node=n0,app=a0",
          "instance=i1",
          "region=fra,tier",
          "app notin (a0)",
          "app=a0,app=a1",
          "*");
  private static final List<Integer> PORTS = List.of(80, 443, 8080, 9);

  private final SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);

  @Property(tries = 150)
  void groupsAndRoutesAreThoseOfTheRows(@ForAll("histories") List<Delta> history) {
    Oracle oracle = new Oracle();
    RoutingSnapshot snapshot = builder.empty();
    for (Delta delta : history) {
      RoutingSnapshot base = snapshot;
      snapshot = builder.apply(base, delta);
      oracle.apply(delta);
      check(oracle, snapshot);
      checkStats(base, snapshot);
    }
  }

  @Property(tries = 100)
  void orderAndGroupingOfRowsDoNotMatter(
      @ForAll("histories") List<Delta> history, @ForAll Random random) {
    Oracle oracle = new Oracle();
    history.forEach(oracle::apply);
    check(oracle, Rows.shuffled(builder, oracle.list(), random, 40));
  }

  @Property(tries = 100)
  void removingEverythingLeavesNothing(
      @ForAll("histories") List<Delta> history, @ForAll Random random) {
    RoutingSnapshot snapshot = Rows.emptied(builder, history, random);
    assertEquals(new RoutingSnapshot.RuleCounts(0, 0, 0, 0), snapshot.ruleCounts());
    assertEquals(0, snapshot.rules.services().size());
    assertEquals(0, snapshot.rules.groups().names().size());
    assertTrue(snapshot.rules.groups().index().isEmpty());
  }

  private static void check(Oracle oracle, RoutingSnapshot snapshot) {
    RuleOracle rules = new RuleOracle(oracle);
    for (String host : ASKED) {
      for (String path : PATHS) {
        for (int port : List.of(80, 9)) {
          assertEquals(
              rules.route(host, path, port),
              Asked.route(snapshot, host, path, port),
              host + path + " on " + port);
        }
      }
    }
    Map<InstanceKey, Candidate> rows = new HashMap<>();
    snapshot.eachInstance(row -> rows.put(row.instance().key(), row));
    Set<Integer> slots = new HashSet<>();
    Map<List<CompiledService>, HostRules> bySet = new HashMap<>();
    snapshot.eachRuleHost((_, rule) -> assertSame(rule, sameAs(rule, bySet)));
    snapshot.eachRuleHost((host, some) ->
        some.rules()
            .forEach(rule -> {
              Action.Forward forward = (Action.Forward) rule.rule().action();
              for (int i = 0; i < rule.to().length; i++) {
                slots.add(rule.to()[i]);
                TargetGroup group = snapshot.group(rule.to()[i]);
                Target target = forward.to().get(i);
                assertEquals(target.selector(), group.selector());
                assertEquals(target.port(), group.port());
                Set<Instance> members =
                    rule.service().startsWith("labels:")
                        ? labelled(rules, rule.service(), rule.rule().name())
                        : rules.members(target);
                check(rules, rows, group, members);
              }
              for (int i = 0; i < rule.fallback().length; i++) {
                TargetGroup group = snapshot.group(rule.fallback()[i]);
                check(rules, rows, group, rules.members(forward.fallback().get(i)));
              }
            }));
    Set<String> distinct =
        rules.targets().stream().map(RuleModelTest::name).collect(Collectors.toSet());
    assertEquals(
        distinct.size() + rules.labelled().size(), snapshot.ruleCounts().groups(), "" + distinct);
    assertEquals(
        oracle.all(Instance.class).filter(i -> !LabelRoute.of(i).problem().isEmpty()).count(),
        snapshot.labelProblems(100).size());
  }

  /// Hosts with the same services have the same object.
  private static HostRules sameAs(HostRules rules, Map<List<CompiledService>, HostRules> bySet) {
    HostRules known = bySet.putIfAbsent(rules.services, rules);
    return known == null ? rules : known;
  }

  private static Set<Instance> labelled(RuleOracle rules, String service, String rule) {
    return rules.labelled().entrySet().stream()
        .filter(e -> e.getKey().service().equals(service) && e.getKey().rule().equals(rule))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static void check(
      RuleOracle rules,
      Map<InstanceKey, Candidate> rows,
      TargetGroup group,
      Set<Instance> members) {
    for (int port : PORTS) {
      Map<InstanceKey, Service> asked = rules.asked(members, group.port(), port);
      Picker picker = group.picker(port);
      Set<Candidate> expected = new HashSet<>();
      asked.forEach((key, service) -> expected.add(rows.get(key).with(service)));
      assertEquals(expected, new HashSet<>(picker.candidates()), group.selector() + ":" + port);
      assertEquals(expected.size(), picker.candidates().size());
      Set<Candidate> routable =
          expected.stream().filter(Candidate::routable).collect(Collectors.toSet());
      Set<Candidate> tiered = new HashSet<>();
      picker.tiers(0).forEach(tier -> tier.members().forEach(m -> tiered.add(m.candidate())));
      assertEquals(routable, tiered);
    }
  }

  /// What a group remembers goes on as long as somebody names it.
  private static void checkStats(RoutingSnapshot before, RoutingSnapshot after) {
    Map<String, ServiceStats> stats = new HashMap<>();
    before.eachGroup(group -> stats.put(group.selector().text() + group.port(), group.stats()));
    after.eachGroup(group -> {
      ServiceStats known = stats.get(group.selector().text() + group.port());
      if (known != null) {
        assertSame(known, group.stats());
      }
    });
  }

  private static String name(Target target) {
    return target.selector().text() + ":" + target.port();
  }

  static Match match(PathMatch path, int port) {
    return new Match(path, Set.of(), List.of(), List.of(), List.of(), port);
  }

  static Action forward(List<Target> to, List<Target> fallback) {
    return new Action.Forward(
        to, fallback, null, HeaderEdits.NONE, HeaderEdits.NONE, Terms.OF_SERVICE, null);
  }

  @Provide
  Arbitrary<List<Delta>> histories() {
    Arbitrary<Entity> entity =
        Arbitraries.oneOf(SnapshotModelTest.entities(), services(), instances(), virtuals());
    Arbitrary<Change> change =
        Combinators.combine(entity, Arbitraries.integers().between(0, 3))
            .as((e, dice) -> dice == 0 ? new Change.Remove(e.key()) : new Change.Put(e));
    return change.list().ofMinSize(1).ofMaxSize(24).map(Delta::new).list().ofMaxSize(10);
  }

  private static Arbitrary<Entity> services() {
    return Combinators.combine(
            Arbitraries.of("a0", "a1"),
            Arbitraries.of("s0", "s1"),
            Arbitraries.of(80, 443, 8080).list().uniqueElements().ofMaxSize(2),
            Arbitraries.of(1, 9000),
            Arbitraries.of(ServicePolicy.Spill.values()))
        .as((app, id, ports, internal, spill) -> {
          ServicePolicy usual = ServicePolicy.USUAL;
          ServicePolicy policy =
              new ServicePolicy(
                  usual.concurrency(),
                  spill,
                  usual.balance(),
                  usual.queue(),
                  usual.retry(),
                  usual.hedge(),
                  usual.timeouts(),
                  List.of());
          return new Service(
              new AppId(app), id, ports, internal, Service.AppProtocol.H2C, false, 0, 0, 2, policy);
        });
  }

  private static Arbitrary<Entity> instances() {
    Arbitrary<Map<String, String>> labels =
        Arbitraries.of(
            Map.of(),
            Map.of("tier", "gold"),
            Map.of("tier", "silver", "canary", ""),
            Map.of("canary", "", "app", "a0"),
            Map.of("route.host", "x.org"),
            Map.of("route.host", "X.org, *.a.x.org", "route.path", "/a", "route.port", "9000"),
            Map.of("route.host", "x.org", "route.path", "/a", "route.weight", "5"),
            Map.of("route.host", "a..org,a.x.org", "tier", "gold"),
            Map.of("route.host", "x.org", "route.path", "a/../b"),
            Map.of("route.port", "80"));
    return Combinators.combine(
            Arbitraries.of("i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7"),
            Arbitraries.of("a0", "a1"),
            Arbitraries.of("n0", "n1"),
            Arbitraries.of("fra", "iad"),
            Arbitraries.of(State.STARTED, State.STARTED, State.STOPPED),
            labels)
        .as((id, app, node, region, state, map) ->
            new Instance(
                new InstanceId(id),
                new AppId(app),
                new NodeId(node),
                new RegionCode(region),
                "127.0.0.1",
                0,
                state,
                map,
                1));
  }

  private static Arbitrary<Entity> virtuals() {
    Arbitrary<Target> target =
        Combinators.combine(
                Arbitraries.of(SELECTORS),
                Arbitraries.of(0, 0, 1, 9000, 7),
                Arbitraries.integers().between(0, 3))
            .as((selector, port, weight) ->
                new Target(LabelSelector.parse(selector), port, weight));
    Arbitrary<PathMatch> path =
        Arbitraries.of(
            new PathMatch.Prefix("/"),
            new PathMatch.Prefix("/a"),
            new PathMatch.Exact("/a/b"),
            new PathMatch.Exact("/ab"));
    Arbitrary<Match> match =
        Combinators.combine(path, Arbitraries.of(0, 0, 80)).as(RuleModelTest::match);
    Arbitrary<Action> action =
        Combinators.combine(target.list().ofMinSize(1).ofMaxSize(3), target.list().ofMaxSize(1))
            .as(RuleModelTest::forward);
    Arbitrary<List<Rule>> rules =
        Combinators.combine(match, action)
            .as((m, a) -> new Rule("", m, a))
            .list()
            .ofMinSize(1)
            .ofMaxSize(3)
            .map(some -> {
              List<Rule> named = new ArrayList<>();
              for (Rule rule : some) {
                named.add(new Rule("r" + named.size(), rule.match(), rule.action()));
              }
              return named;
            });
    return Combinators.combine(
            Arbitraries.of("v0", "v1", "v2"),
            Arbitraries.of(HOSTS).list().ofMinSize(1).ofMaxSize(3),
            rules,
            Arbitraries.longs().between(1, 3),
            Arbitraries.of(true, false))
        .as((name, hosts, some, generation, ready) -> {
          RuleSet set = new RuleSet(hosts, some);
          return new VirtualService(name, "", generation, ready ? RuleIndex.prepared(set) : set);
        });
  }
}
