package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CountersTest {
  @Test
  void countsOfAllLoopsAndOtherThreadsAreSummed() throws Exception {
    try (EventLoops loops = EventLoops.start("count", Transport.NIO, 2)) {
      Counters counters = new Counters(loops.loops());
      for (EventLoop loop : loops.loops()) {
        CounterCell cell = counters.cell(loop);
        loop.submit(
                () -> {
                  for (int i = 0; i < 1000; i++) {
                    cell.add(Counter.REQUESTS_BEGUN);
                  }
                  cell.add(Counter.REQUEST_BODY_BYTES, 1 << 30);
                  cell.fault(FaultKind.LINK_LOST);
                })
            .get();
      }
      counters.shared().add(Counter.REQUESTS_BEGUN);

      assertEquals(2001, counters.sum(Counter.REQUESTS_BEGUN));
      assertEquals(2L << 30, counters.sum(Counter.REQUEST_BODY_BYTES));
      assertEquals(2, counters.sum(FaultKind.LINK_LOST));
      assertEquals(0, counters.sum(Counter.RETRIES));
      assertNotSame(counters.cell(loops.loops().get(0)), counters.cell(loops.loops().get(1)));
    }
  }

  @Test
  void loopThatIsNotOursCountsInTheSharedCell() {
    EmbeddedChannel channel = new EmbeddedChannel();
    Counters counters = new Counters(java.util.List.of());
    assertSame(counters.shared(), counters.cell(channel.eventLoop()));
    channel.finishAndReleaseAll();
  }

  @Test
  void metricsArePrometheusTextWithMeanings() throws Exception {
    Counters counters = new Counters(java.util.List.of());
    counters.shared().add(Counter.LINKS_LOST, 3);
    counters.shared().fault(FaultKind.NO_INSTANCE);
    counters.gauge("table.version", "Version of the routing table.", () -> 42);

    AdminAnswer.Text text = (AdminAnswer.Text) counters.metrics().answer(Map.of());

    for (String line :
        new String[] {
          "# HELP anycast_links_lost_total " + Counter.LINKS_LOST.meaning(),
          "anycast_links_lost_total 3.0",
          "anycast_faults_total{kind=\"no_instance\"} 1.0",
          "anycast_table_version 42.0"
        }) {
      assertTrue(text.body().contains(line + "\n"), line + "\n not in \n" + text.body());
    }
    assertTrue(text.body().contains("anycast_buffers_direct_bytes"), text.body());
    assertTrue(text.body().contains("jvm_memory_used_bytes"), text.body());
  }

  @Test
  void everyCounterSaysWhatARiseMeans() {
    for (Counter counter : Counter.values()) {
      assertTrue(counter.meaning().length() > 10 && counter.meaning().endsWith("."));
    }
  }
}
