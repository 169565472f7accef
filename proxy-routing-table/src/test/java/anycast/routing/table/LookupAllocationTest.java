package anycast.routing.table;

import static anycast.routing.table.Rows.certificate;
import static anycast.routing.table.Rows.host;
import static anycast.routing.table.Rows.instance;
import static anycast.routing.table.Rows.node;
import static anycast.routing.table.Rows.puts;
import static anycast.routing.table.Rows.service;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.model.rule.Target;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LookupAllocationTest {
  private static final int ROUNDS = 20_000;
  private static final int PASSES = 5;

  private final RoutingSnapshot snapshot = snapshot();
  private final RoutingTable table = new RoutingTable(snapshot);
  private final byte[] exact = bytes("www.shop.example.com");
  private final byte[] wildcard = bytes("a.b.shop.example.com");
  private final byte[] miss = bytes("nobody.example.org");
  private final byte[] id = bytes("instance-1");
  private final InstanceId instance = new InstanceId("instance-1");
  private final NodeId node = new NodeId("n1");
  private final Asked request = new Asked("/a/b", 443);
  private final AppId app = new AppId("shop");
  private long found;

  @Test
  void lookupsDoNotAllocate() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // The compiler may allocate in our name when it links or leaves code (seen: 56 bytes, once); a
    // lookup that allocates does so in every pass.
    long least = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      lookups();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals((long) PASSES * ROUNDS * 12, found);
    // Even in the interpreter: not one object.
    assertEquals(0, least);
  }

  /// The request, the choice with its two looks and its ranges, the list and the answer: 416 bytes.
  /// A stream, an iterator or a boxed number more would show.
  @Test
  void aPickAllocatesLittle() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < ROUNDS; i++) {
        PickRequest request = PickRequest.of(3, 0, i);
        boolean picked =
            table.current().app(app).service(443).picker().pick(request)
                instanceof PickResult.Picked;
        found += picked ? 1 : 0;
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals((long) PASSES * ROUNDS, found);
    long each = least / ROUNDS;
    assertTrue(each <= 640, each + " bytes a pick");
  }

  private void lookups() {
    for (int i = 0; i < ROUNDS; i++) {
      RoutingSnapshot now = table.current();
      AppRoute route = now.find(exact, 0, exact.length);
      found += route == null ? 0 : 1;
      found += route.service(443) == null ? 0 : 1;
      found += now.find(wildcard, 0, wildcard.length) == null ? 0 : 1;
      found += now.find(miss, 0, miss.length) == null ? 1 : 0;
      found += now.app(app) == null ? 0 : 1;
      found += now.instance(instance) == null ? 0 : 1;
      found += now.instance(id, 0, id.length) == null ? 0 : 1;
      found += now.node(node) == null ? 0 : 1;
      found += now.certificate("a.shop.example.com") == null ? 0 : 1;
      found += now.route(exact, 0, exact.length, request) instanceof Destination.ByApp ? 1 : 0;
      found +=
          now.route(wildcard, 0, wildcard.length, request) instanceof Destination.ByRule ? 1 : 0;
      found += now.route(miss, 0, miss.length, request) instanceof Destination.NoHost ? 1 : 0;
    }
  }

  private static RoutingSnapshot snapshot() {
    SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);
    return builder.apply(
        builder.empty(),
        puts(
            service("shop", "web", 443),
            host("www.shop.example.com", "shop"),
            host("*.shop.example.com", "shop"),
            node("n1", "fra"),
            certificate("*.shop.example.com"),
            new VirtualService("v", "", 1, ruleSet()),
            instance("instance-1", "shop", "n1")));
  }

  private static RuleSet ruleSet() {
    Target target = new Target(LabelSelector.parse("app=shop"), 0, 1);
    return new RuleSet(
        List.of("*.b.shop.example.com"),
        List.of(
            new Rule(
                "r",
                RuleModelTest.match(new PathMatch.Prefix("/a"), 0),
                RuleModelTest.forward(List.of(target), List.of()))));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
