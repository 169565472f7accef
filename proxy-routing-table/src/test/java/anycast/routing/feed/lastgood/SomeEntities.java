package anycast.routing.feed.lastgood;

import anycast.routing.document.DocumentReader;
import anycast.routing.feed.PolicyJson;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// Entities of every kind, as strange as the model takes them.
public final class SomeEntities {
  private static final List<String> DOCUMENTS =
      List.of(
          "hosts: [a.test] # ü \ud83d\ude00\nrules: [{to: [{selector: app=a}]}]\n",
          "{\"hosts\":[\"*.b.test\"],\"rules\":[{\"redirect\":{\"host\":\"b.test\"}}]}");

  private SomeEntities() {}

  /// `count` of each of ten kinds.
  public static List<Entity> of(int count) {
    List<Entity> entities = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      AppId app = new AppId("app-" + i);
      NodeId node = new NodeId("wrk-" + i % 7);
      RegionCode fra = new RegionCode("fra");
      entities.add(new App(app, i));
      entities.add(
          new Service(app, "web", List.of(80, 443), 8080, Service.AppProtocol.H2C, true, 1, 2, i));
      entities.add(
          new Instance(
              new InstanceId("i-" + i),
              app,
              node,
              fra,
              "10.0.0." + i % 9,
              9000,
              Instance.State.STARTED,
              Map.of("tier", "t" + i % 3, "größe", "L"),
              i));
      entities.add(
          new Node(new NodeId("n-" + i), fra, Node.Role.WORKER, "10.0.0.1:7", Long.MIN_VALUE));
      entities.add(new Hostname("*.h" + i + ".test", app, Long.MAX_VALUE));
      entities.add(new Certificate("c" + i + ".test", "CHAIN".repeat(300), "KEY", -1));
      entities.add(virtualService("v" + i, DOCUMENTS.get(i % 2), 7));
      entities.add(new AppRegion(app, node, fra, i, 3));
      entities.add(
          new InstanceHealth(
              node, new InstanceId("i-" + i), InstanceHealth.Status.LAGGING, "12 > 5 s", i));
      entities.add(new Cordon(node, new InstanceId("i-" + i), "größer", i));
    }
    return entities;
  }

  public static Arbitrary<Entity> any() {
    return Arbitraries.oneOf(services(), instances(), plain());
  }

  private static Arbitrary<Entity> plain() {
    Arbitrary<Long> generations = Arbitraries.longs();
    Arbitrary<String> texts = texts();
    return Arbitraries.oneOf(
        Combinators.combine(names(), generations).as((a, g) -> new App(new AppId(a), g)),
        Combinators.combine(
                names(), names(), Arbitraries.of(Node.Role.values()), texts, generations)
            .as((n, r, role, b, g) -> new Node(new NodeId(n), new RegionCode(r), role, b, g)),
        Combinators.combine(names(), names(), generations)
            .as((h, a, g) -> new Hostname(h.toLowerCase(Locale.ROOT), new AppId(a), g)),
        Combinators.combine(texts, texts, texts, generations).as(Certificate::new),
        Combinators.combine(texts, Arbitraries.of(DOCUMENTS), generations)
            .as(SomeEntities::virtualService),
        Combinators.combine(
                names(),
                names(),
                Arbitraries.of(InstanceHealth.Status.values()),
                texts,
                generations)
            .as((n, i, status, detail, g) ->
                new InstanceHealth(new NodeId(n), new InstanceId(i), status, detail, g)),
        Combinators.combine(names(), names(), texts, generations)
            .as((n, i, reason, g) -> new Cordon(new NodeId(n), new InstanceId(i), reason, g)),
        Combinators.combine(names(), names(), names(), Arbitraries.integers(), generations)
            .as((a, n, r, i, g) ->
                new AppRegion(new AppId(a), new NodeId(n), new RegionCode(r), i, g)));
  }

  private static VirtualService virtualService(String name, String document, long generation) {
    return new VirtualService(name, document, generation, DocumentReader.rules(document));
  }

  private static Arbitrary<Entity> services() {
    Arbitrary<Integer> numbers = Arbitraries.integers();
    return Combinators.combine(
            Combinators.combine(names(), texts(), numbers.list().ofMaxSize(70))
                .as((app, id, ports) -> new Named(app, id, ports)),
            numbers,
            Arbitraries.of(Service.AppProtocol.values()),
            Arbitraries.of(true, false),
            numbers,
            numbers,
            Arbitraries.longs(),
            policies())
        .as((named, port, protocol, https, soft, hard, generation, policy) ->
            new Service(
                new AppId(named.app()),
                named.id(),
                named.ports(),
                port,
                protocol,
                https,
                soft,
                hard,
                generation,
                policy));
  }

  private static Arbitrary<ServicePolicy> policies() {
    return Arbitraries.of(
        ServicePolicy.USUAL,
        PolicyJson.decode(
            "{\"spill\":\"latency\",\"queue\":{\"wait\":\"1500ms\"},\"checks\":[{}]}"));
  }

  private record Named(String app, String id, List<Integer> ports) {}

  private static Arbitrary<Entity> instances() {
    return Combinators.combine(
            names().list().ofSize(4),
            texts(),
            Arbitraries.integers(),
            Arbitraries.of(Instance.State.values()),
            Arbitraries.maps(texts(), texts()).ofMaxSize(5),
            Arbitraries.longs())
        .as((names, address, port, state, labels, generation) ->
            new Instance(
                new InstanceId(names.get(0)),
                new AppId(names.get(1)),
                new NodeId(names.get(2)),
                new RegionCode(names.get(3)),
                address,
                port,
                state,
                labels,
                generation));
  }

  private static Arbitrary<String> names() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withCharRange('A', 'Z')
        .numeric()
        .withChars("-_.")
        .ofMinLength(1)
        .ofMaxLength(253)
        .map(name -> name.startsWith("*.") ? "x" + name : name);
  }

  /// Any `char`s, halves of pairs too.
  private static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ascii().ofMaxLength(200),
        Arbitraries.strings().all().ofMaxLength(50));
  }
}
