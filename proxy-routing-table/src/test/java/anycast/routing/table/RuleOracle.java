package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.RuleOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Rules and target groups as their rules say them, by walking all rows for each question.
final class RuleOracle {
  private final Oracle rows;

  RuleOracle(Oracle rows) {
    this.rows = rows;
  }

  /// A virtual service that labels make.
  record Place(String host, String path, int port) {
    String service() {
      return "labels:" + host + path;
    }

    String rule() {
      return port == 0 ? "labels" : "port-" + port;
    }
  }

  /// Members of each virtual service that labels make.
  Map<Place, Set<Instance>> labelled() {
    Map<Place, Set<Instance>> places = new HashMap<>();
    rows.all(Instance.class)
        .forEach(instance -> {
          LabelRoute route = LabelRoute.of(instance);
          for (String host : route.hosts()) {
            places
                .computeIfAbsent(new Place(host, route.path(), route.port()), _ -> new HashSet<>())
                .add(instance);
          }
        });
    return places;
  }

  Set<Instance> members(Target target) {
    Set<Instance> members = new HashSet<>();
    rows.all(Instance.class).filter(i -> target.selector().matches(i)).forEach(members::add);
    return members;
  }

  /// What a member is asked for; null = nothing that it has.
  Service service(Instance member, int internalPort, int publicPort) {
    if (internalPort == 0) {
      return rows.service(member.app(), publicPort);
    }
    return rows.services(member.app()).stream()
        .filter(service -> service.internalPort() == internalPort)
        .findFirst()
        .orElse(
            new Service(
                member.app(),
                "port-" + internalPort,
                List.of(),
                internalPort,
                Service.AppProtocol.HTTP1,
                false,
                0,
                0,
                0));
  }

  /// Members with what they are asked for.
  Map<InstanceKey, Service> asked(Set<Instance> members, int internalPort, int publicPort) {
    Map<InstanceKey, Service> asked = new HashMap<>();
    for (Instance member : members) {
      Service service = service(member, internalPort, publicPort);
      if (service != null) {
        asked.put(member.key(), service);
      }
    }
    return asked;
  }

  /// Every target that a rule of a document names.
  Set<Target> targets() {
    Set<Target> targets = new HashSet<>();
    rows.all(VirtualService.class)
        .flatMap(virtual -> virtual.rules().rules().stream())
        .forEach(rule -> {
          if (rule.action() instanceof Action.Forward forward) {
            targets.addAll(forward.to());
            targets.addAll(forward.fallback());
          }
        });
    return targets;
  }

  /// Where a request belongs: `service/rule`, `app NAME`, `no rule` or `no host`.
  String route(String host, String path, int port) {
    Set<String> ruled = new TreeSet<>();
    rows.all(VirtualService.class).forEach(virtual -> ruled.addAll(virtual.rules().hosts()));
    labelled().keySet().forEach(place -> ruled.add(place.host()));
    Set<String> owned = new TreeSet<>();
    rows.all(Hostname.class).forEach(row -> owned.add(row.name()));
    AppId app = rows.find(host);
    String byApp = app == null ? "no host" : "app " + app.name();
    for (String name : coverers(host)) {
      if (ruled.contains(name)) {
        String found = match(name, path, port);
        return found != null ? found : app == null ? "no rule" : byApp;
      }
      if (owned.contains(name)) {
        return byApp;
      }
    }
    return byApp;
  }

  /// Names that cover a host, best first.
  private static List<String> coverers(String host) {
    List<String> names = new ArrayList<>(List.of(host));
    for (int i = 1; i < host.length(); i++) {
      if (host.charAt(i) == '.') {
        names.add("*" + host.substring(i));
      }
    }
    return names;
  }

  private String match(String name, String path, int port) {
    List<CompiledRule> rules = new ArrayList<>();
    rows.all(VirtualService.class)
        .filter(virtual -> virtual.rules().hosts().contains(name))
        .forEach(virtual ->
            virtual
                .rules()
                .rules()
                .forEach(rule -> rules.add(CompiledRule.of(virtual.name(), rule, _ -> 0))));
    for (Place place : labelled().keySet()) {
      if (place.host().equals(name)) {
        Rule rule =
            new Rule(
                place.rule(),
                RuleModelTest.match(new PathMatch.Prefix(place.path()), 0),
                RuleModelTest.forward(List.of(), List.of()));
        rules.add(CompiledRule.of(place.service(), rule, _ -> 0));
      }
    }
    rules.sort(RuleOrder.MOST_SPECIFIC_FIRST);
    Predicate<Rule> takes =
        rule -> {
          boolean fits = rule.match().port() == 0 || rule.match().port() == port;
          return fits
              && switch (rule.match().path()) {
                case PathMatch.Exact(String text) -> path.equals(text);
                case PathMatch.Prefix(String text) ->
                    text.equals("/") || path.equals(text) || path.startsWith(text + "/");
                case PathMatch.Template _ -> throw new AssertionError();
              };
        };
    return rules.stream()
        .filter(rule -> takes.test(rule.rule()))
        .findFirst()
        .map(rule -> rule.service() + "/" + rule.rule().name())
        .orElse(null);
  }
}
