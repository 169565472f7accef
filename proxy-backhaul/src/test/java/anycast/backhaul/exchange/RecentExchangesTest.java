package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentExchangesTest {
  private final List<ExchangeRecord> passedOn = new ArrayList<>();
  private final RecentExchanges recent = recent(1);

  private RecentExchanges recent(int loops) {
    ExchangeLog faultsOnly =
        new ExchangeLog() {
          @Override
          public boolean wants(boolean faulty) {
            return faulty;
          }

          @Override
          public void ended(ExchangeRecord entry) {
            passedOn.add(entry);
          }
        };
    InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(7));
    return new RecentExchanges(faultsOnly, clock, loops);
  }

  @Test
  void anExchangeThatWasTriedAgainIsFoundByItsIdWithEachAttempt() {
    Scene scene = new Scene();
    scene.log = recent;
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.begin(true);
    scene.pass(2);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.attempt(1).head(200, true);
    ExchangeView told = answer("id-1").found().getFirst();
    assertEquals(List.of("a@n1", "b@n2"), told.decided());
    assertEquals(
        List.of(
            new ExchangeView.Try("a", "n1", "PC01", "app refused connection", 2000),
            new ExchangeView.Try("b", "n2", "200", "answered", 0)),
        told.tries());
    assertEquals(200, told.result().status());
    assertEquals("", told.result().code());
    assertEquals(List.of(), passedOn, "the log wanted faults");
  }

  @Test
  void theLogsLineNamesEachAttempt() {
    Scene scene = new Scene();
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.method = "GET";
    scene.begin(true);
    scene.pass(2);
    scene.attempt(0).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    scene.pass(3);
    scene.attempt(1).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    String line = AccessLog.line(scene.record());
    assertTrue(line.contains(" tries=\"a@n1:PL02:2ms,b@n2:PC03:3ms\" "), line);
    assertTrue(line.contains(" code=PC03 fault=\"app closed mid-request\" "), line);
    scene.begin(true);
    scene.attempt(2).head(200, true);
    assertFalse(AccessLog.line(scene.record()).contains("tries="));
  }

  @Test
  void someOfThoseThatWentWellAreKept() {
    int wanted = 0;
    for (int i = 0; i < 10 * RecentExchanges.WELL_EVERY; i++) {
      if (recent.wants(false)) {
        wanted++;
        recent.ended(entry("well-" + i, null));
      }
    }
    assertEquals(10, wanted);
    assertEquals(10, answer("").kept());
    assertEquals(List.of(), answer("").found(), "without an id those that failed are shown");
  }

  @Test
  void oldOnesArePushedOutAndItSaysSinceWhen() {
    assertNull(answer("x").faultySinceMs());
    for (int i = 0; i <= RecentExchanges.FAULTY; i++) {
      recent.ended(entry("id-" + i, Fault.of(FaultKind.APP_RESET)));
    }
    assertEquals(List.of(), answer("id-0").found());
    assertEquals(1, answer("id-1").found().size());
    assertEquals(7, answer("id-0").faultySinceMs());
    assertEquals(RecentExchanges.FAULTY, answer("id-0").kept());
    assertEquals(RecentExchanges.FAULTY + 1, passedOn.size());
  }

  @Test
  void refusalsPushOutRefusalsOnly() {
    recent.ended(entry("failed", Fault.of(FaultKind.APP_RESET)));
    for (int i = 0; i < 5000; i++) {
      recent.refused(entry("scan-" + i, Fault.of(FaultKind.UNKNOWN_HOST)));
    }
    assertEquals(1, answer("failed").found().size());
    assertEquals(1, answer("scan-4999").found().size());
    assertEquals(List.of(), answer("scan-0").found());
  }

  @Test
  void requestsThatFoundNobodyToServeThemAreAmongTheNewestThatFailed() {
    recent.refused(entry("scan", Fault.of(FaultKind.UNKNOWN_HOST)));
    recent.refused(entry("write", Fault.of(FaultKind.NO_TARGET)));

    assertEquals(List.of("write"), answer("").found().stream().map(ExchangeView::id).toList());
  }

  @Test
  void whatAClientSentIsEscapedAndCut() {
    recent.ended(entry("id", Fault.of(FaultKind.APP_RESET)));
    ExchangeView.Asked asked = answer("id").found().getFirst().asked();
    assertTrue(asked.path().startsWith("/\\x1b[2J"), asked.path());
    assertTrue(asked.path().length() < 300);
  }

  @Test
  void pagesAreReadWhileLoopsWrite() throws Exception {
    int loops = 4;
    RecentExchanges shared = new RecentExchanges(ExchangeLog.none(), () -> Instant.EPOCH, loops);
    CountDownLatch begun = new CountDownLatch(loops);
    try (ExecutorService threads = Executors.newFixedThreadPool(loops)) {
      List<Future<?>> writing = new ArrayList<>();
      for (int i = 0; i < loops; i++) {
        int loop = i;
        writing.add(
            threads.submit(() -> {
              for (int j = 0; j < 20_000; j++) {
                shared.ended(entry(loop + "-" + j, Fault.of(FaultKind.APP_RESET)));
                begun.countDown();
              }
            }));
      }
      assertTrue(begun.await(30, TimeUnit.SECONDS));
      while (writing.stream().anyMatch(each -> !each.isDone())) {
        RecentExchanges.Answer seen = (RecentExchanges.Answer) shared.answer(Map.of());
        for (ExchangeView view : seen.found()) {
          assertNotNull(view.result().code());
          assertNotNull(view.asked().path());
        }
      }
      for (Future<?> each : writing) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
    for (int i = 0; i < loops; i++) {
      var last = (RecentExchanges.Answer) shared.answer(Map.of("id", i + "-19999"));
      assertEquals(1, last.found().size());
      assertEquals(RecentExchanges.FAULTY, last.kept());
    }
  }

  private RecentExchanges.Answer answer(String id) {
    return (RecentExchanges.Answer) recent.answer(Map.of("id", id));
  }

  private static ExchangeRecord entry(String id, Fault fault) {
    AsciiString host = AsciiString.of("shop.example");
    return new ExchangeRecord(
        new Arrival(id, InetAddress.getLoopbackAddress(), 443, true, "2", 0),
        new RequestHead(
            AsciiString.of("GET"),
            AsciiString.of("https"),
            host,
            AsciiString.of("/\u001b[2J" + "x".repeat(5000)),
            null,
            new Fields()),
        null,
        0,
        List.of(),
        List.of(),
        fault == null ? 200 : fault.kind().status(),
        fault,
        new ExchangeRecord.Measure(0, 0, -1, 1));
  }
}
