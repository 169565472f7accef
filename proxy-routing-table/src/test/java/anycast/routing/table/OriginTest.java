package anycast.routing.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import anycast.routing.document.DocumentReader;
import anycast.routing.model.VirtualService;
import anycast.routing.virtual.Origin;
import anycast.routing.virtual.RequestView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A rule is followed with the name of its entry at hand.
class OriginTest {
  private final SnapshotBuilder builder =
      new SnapshotBuilder(Rows.SELF, virtual -> new Origin(virtual.name().length(), 7));
  private final List<Origin> told = new ArrayList<>();

  @Test
  void theEntryIsToldBeforeItsRulesAreMatched() {
    RoutingSnapshot world = builder.apply(builder.empty(), Rows.puts(virtual("shop", "/")));
    List<Origin> before = new ArrayList<>();
    byte[] host = "v.test".getBytes(UTF_8);
    byte[] path = "/x".getBytes(UTF_8);
    Destination to =
        world.route(
            host,
            0,
            host.length,
            new Watching(new Asked(path, 443), () -> before.addAll(told)),
            told::add);
    assertEquals(List.of(new Origin(4, 7)), told);
    assertEquals(told.getFirst(), before.getFirst());
    assertEquals(new Origin(4, 7), assertInstanceOf(Destination.ByRule.class, to).rule().origin());
  }

  @Test
  void ofSeveralEntriesNoneIsToldUntilARuleIsFound() {
    RoutingSnapshot world =
        builder.apply(builder.empty(), Rows.puts(virtual("shop", "/"), virtual("other", "/o")));
    byte[] host = "v.test".getBytes(UTF_8);
    Destination to =
        world.route(host, 0, host.length, new Asked("/o".getBytes(UTF_8), 443), told::add);
    assertEquals(List.of(Origin.UNKNOWN), told);
    assertEquals(new Origin(5, 7), assertInstanceOf(Destination.ByRule.class, to).rule().origin());
  }

  /// A request that tells when somebody looks at its path.
  private record Watching(Asked asked, Runnable looked) implements RequestView {
    @Override
    public byte[] path() {
      looked.run();
      return asked.path();
    }

    @Override
    public int pathStart() {
      return asked.pathStart();
    }

    @Override
    public int pathEnd() {
      return asked.pathEnd();
    }

    @Override
    public CharSequence method() {
      return asked.method();
    }

    @Override
    public int port() {
      return asked.port();
    }

    @Override
    public CharSequence header(String name, int index) {
      return asked.header(name, index);
    }

    @Override
    public CharSequence query(String name, int index) {
      return asked.query(name, index);
    }

    @Override
    public CharSequence cookie(String name, int index) {
      return asked.cookie(name, index);
    }
  }

  private static VirtualService virtual(String name, String prefix) {
    String document =
        "hosts: [v.test]\nrules: [ { match: { path: { prefix: "
            + prefix
            + " } }, to: [ { selector: app=hello } ] } ]";
    return new VirtualService(name, document, 1, DocumentReader.rules(document));
  }
}
