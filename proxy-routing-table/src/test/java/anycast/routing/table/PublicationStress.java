package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.InstanceId;
import anycast.routing.pick.Candidate;
import java.nio.charset.StandardCharsets;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZZZ_Result;

/// jcstress: a snapshot made by one thread is whole for any thread that takes it from the table.
///
/// The maps, pages and rosters of a snapshot are arrays, and no `final` protects array elements:
/// the volatile write in [RoutingTable#publish] is all that orders them. `PublicationStressTest`
/// runs these.
public final class PublicationStress {
  private static final byte[] HOST = "a.example.com".getBytes(StandardCharsets.US_ASCII);
  private static final InstanceId INSTANCE = new InstanceId("i");
  private static final AppId APP = new AppId("shop");
  private static final SnapshotBuilder BUILDER = new SnapshotBuilder(Rows.SELF);
  private static final RoutingSnapshot BEFORE =
      BUILDER.apply(BUILDER.empty(), Rows.puts(Rows.node("n1", "fra")));
  private static final Delta DELTA =
      Rows.puts(
          Rows.service("shop", "web", 443),
          Rows.host("a.example.com", "shop"),
          Rows.instance("i", "shop", "n1"));

  private PublicationStress() {}

  /// Enough to be there when the writer comes, which takes some microseconds; then it gives up.
  private static final int LOOKS = 2_000;

  /// One snapshot, four questions: all answered by the old world or all by the new one.
  @JCStressTest
  @Outcome(
      id = {"false, false, false, false", "true, true, true, true"},
      expect = Expect.ACCEPTABLE,
      desc = "one world or the other")
  @Outcome(expect = Expect.FORBIDDEN, desc = "half a world")
  @State
  public static class WholeSnapshot {
    private final RoutingTable table = new RoutingTable(BEFORE);

    @Actor
    public void writer() {
      table.publish(BUILDER.apply(BEFORE, DELTA));
    }

    @Actor
    public void reader(ZZZZ_Result result) {
      RoutingSnapshot now = table.current();
      for (int i = 0; i < LOOKS && now == BEFORE; i++) {
        now = table.current();
      }
      Candidate candidate = now.instance(INSTANCE);
      AppRoute app = now.app(APP);
      AppRoute found = now.find(HOST, 0, HOST.length);
      result.r1 = candidate != null && candidate.node().id() != null;
      result.r2 = app != null && app.service(443).picker().candidates().size() == 1;
      result.r3 = found != null && found.service(443).service().internalPort() == 8080;
      result.r4 = now.version() == 2;
    }
  }

  /// A reader that looks again and again never goes back.
  @JCStressTest
  @Outcome(
      id = {"1, 1", "1, 2", "1, 3", "2, 2", "2, 3", "3, 3"},
      expect = Expect.ACCEPTABLE,
      desc = "versions do not go back")
  @Outcome(expect = Expect.FORBIDDEN, desc = "an older version after a newer one")
  @State
  public static class VersionsInOrder {
    private final RoutingTable table = new RoutingTable(BEFORE);

    @Actor
    public void writer() {
      RoutingSnapshot next = BUILDER.apply(BEFORE, DELTA);
      table.publish(next);
      table.publish(BUILDER.apply(next, Rows.puts(Rows.app("blog"))));
    }

    @Actor
    public void reader(JJ_Result result) {
      long first = table.current().version();
      long second = table.current().version();
      for (int i = 0; i < LOOKS && second == first; i++) {
        second = table.current().version();
      }
      result.r1 = first;
      result.r2 = second;
    }
  }

  /// Broken on purpose: no volatile, and each question takes the reference anew, as code without
  /// one snapshot a request would. It finds half worlds, so the two tests above could, too.
  @JCStressTest
  @Outcome(
      id = {"false, false, false, false", "true, true, true, true"},
      expect = Expect.ACCEPTABLE,
      desc = "one world or the other")
  @Outcome(expect = Expect.ACCEPTABLE_INTERESTING, desc = "half a world")
  @State
  public static class BrokenOnPurpose {
    private RoutingSnapshot current = BEFORE;

    @Actor
    public void writer() {
      current = BUILDER.apply(BEFORE, DELTA);
    }

    @Actor
    public void reader(ZZZZ_Result result) {
      for (int i = 0; i < LOOKS && !result.r1; i++) {
        result.r2 = current.app(APP) != null;
        result.r3 = current.find(HOST, 0, HOST.length) != null;
        result.r4 = current.version() == 2;
        result.r1 = current.instance(INSTANCE) != null;
      }
    }
  }
}
