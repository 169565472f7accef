package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.AccessLog;
import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.ExchangeRecord;
import anycast.backhaul.exchange.RecentExchanges;
import anycast.backhaul.exchange.Tried;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.runtime.AdminServer;
import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ExplainLastTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));

  @TempDir Path directory;

  private final RecentExchanges edge = recent();
  private final RecentExchanges worker = recent();

  private static RecentExchanges recent() {
    return new RecentExchanges(new AccessLog(AccessLog.Scope.NONE), CLOCK, 1);
  }

  @Test
  void bothSidesOfAFailedRequestAreShownWithEachAttempt() throws Exception {
    edge.ended(
        entry(
            "id-7",
            List.of(
                new Tried(candidate("hello-1"), Fault.of(FaultKind.AT_HARD_LIMIT), 0, 1_200_000),
                new Tried(
                    candidate("hello-2"),
                    Fault.of(FaultKind.APP_RESET, "connection reset"),
                    0,
                    250_000_000)),
            Fault.of(FaultKind.APP_RESET, "connection reset")));
    worker.ended(
        entry(
            "id-7",
            List.of(new Tried(candidate("hello-2"), Fault.of(FaultKind.APP_RESET), 0, 249_000_000)),
            Fault.of(FaultKind.APP_RESET)));
    Ctl ctl = ask("id-7");
    assertEquals("", ctl.err());
    assertEquals(0, ctl.exit());
    String shown = ctl.out();
    for (String part :
        List.of(
            "== " + directory.resolve("edge.sock") + "\nid-7  ended 2026-11-20T12:00:00Z\n",
            "  asked    GET https://shop.example/a?b\n",
            "           by 127.0.0.1 over HTTP/2 on port 443\n",
            "  decided  to try hello-1@wrk-1 hello-2@wrk-1\n",
            "  try 1    hello-1@wrk-1  PL02 after 1.2ms: instance at hard limit\n",
            "  try 2    hello-2@wrk-1  PC03 after 250.0ms: app closed mid-request: connection"
                + " reset\n",
            "=> 502 PC03 app closed mid-request: connection reset\n",
            "== " + directory.resolve("worker.sock") + "\nid-7",
            "  try 1    hello-2@wrk-1  PC03 after 249.0ms: app closed mid-request\n")) {
      assertTrue(shown.contains(part), part + "\nin\n" + shown);
    }
  }

  @Test
  void ofAnIdThatIsNotKnownItSaysHowFarBackItKnows() throws Exception {
    Ctl ctl = ask("nobody\u001b[2J");
    assertTrue(ctl.out().contains("nothing is known of nobody\\x1b[2J\n"), ctl.out());
    assertTrue(ctl.out().contains("all that failed or were tried again since the process started"));
    for (int i = 0; i < 5000; i++) {
      edge.ended(entry("id-" + i, List.of(), Fault.of(FaultKind.APP_RESET)));
    }
    Ctl later = ask("nobody");
    assertTrue(
        later
            .out()
            .contains(
                "4096 exchanges are kept; of those that failed or were tried again all since"
                    + " 2026-11-20T12:00:00Z"),
        later.out());
  }

  @Test
  void withoutAnIdTheNewestThatFailedAreShown() throws Exception {
    assertTrue(ask().out().contains("no exchange failed\n"));
    edge.ended(entry("id-1", List.of(), Fault.of(FaultKind.APP_RESET)));
    edge.refused(entry("id-2", List.of(), Fault.of(FaultKind.UNKNOWN_HOST)));
    String shown = ask().out();
    assertTrue(shown.contains("id-1  ended"), shown);
    assertTrue(!shown.contains("id-2"), shown);
    assertTrue(ask("id-2").out().contains("=> 404 PH20 no app has this host\n"));
  }

  private Ctl ask(String... id) throws Exception {
    Path one = directory.resolve("edge.sock");
    Path other = directory.resolve("worker.sock");
    try (AdminServer _ = AdminServer.start(one, Map.of("/explain-last", edge));
        AdminServer _ = AdminServer.start(other, Map.of("/explain-last", worker))) {
      Object[] arguments = new Object[5 + id.length];
      arguments[0] = "--socket";
      arguments[1] = one;
      arguments[2] = "--socket";
      arguments[3] = other;
      arguments[4] = "explain-last";
      System.arraycopy(id, 0, arguments, 5, id.length);
      return Ctl.run(arguments);
    }
  }

  private static ExchangeRecord entry(String id, List<Tried> tries, Fault fault) {
    AsciiString host = AsciiString.of("shop.example");
    return new ExchangeRecord(
        new Arrival(id, InetAddress.getLoopbackAddress(), 443, true, "2", 0),
        new RequestHead(
            AsciiString.of("GET"),
            AsciiString.of("https"),
            host,
            AsciiString.of("/a?b"),
            null,
            new Fields()),
        null,
        tries.size(),
        tries.stream().map(Tried::candidate).toList(),
        tries,
        fault == null ? 200 : fault.kind().status(),
        fault,
        new ExchangeRecord.Measure(0, 0, -1, 251_000_000));
  }

  private static Candidate candidate(String id) {
    return new Candidate(
        new Instance(
            new InstanceId(id),
            new AppId("hello"),
            new NodeId("wrk-1"),
            new RegionCode("fra"),
            "127.0.0.1",
            1,
            Instance.State.STARTED,
            Map.of(),
            1),
        null,
        null,
        new Load());
  }
}
