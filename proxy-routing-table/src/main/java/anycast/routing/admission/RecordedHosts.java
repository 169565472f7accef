package anycast.routing.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import anycast.routing.review.SampleRequest;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.time.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Host names that requests may ask for, as a snapshot knows them: at most [#MAX_HOSTS] of apps and
/// as many of rules, spread evenly over all of them, others each time.
///
/// They come from what is served and not from what is asked, so that nobody who routes has to
/// remember anything.
///
/// **Threading.** The compiler's, one after the other.
final class RecordedHosts {
  static final int MAX_HOSTS = 1_000;

  /// Walking a million names takes 50 ms.
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Ticker ticker;

  /// Published whole, because a compiler that was given up may still be here.
  private volatile Drawn drawn;

  private record Drawn(List<byte[]> hosts, long atNanos, int round) {}

  RecordedHosts(Ticker ticker) {
    this.ticker = ticker;
  }

  List<byte[]> of(RoutingSnapshot snapshot) {
    Drawn last = drawn;
    long now = ticker.nanos();
    boolean small = last != null && last.hosts.size() < MAX_HOSTS;
    if (last == null || now - last.atNanos > KEPT_NANOS || small) {
      last = draw(snapshot, now, last == null ? 0 : last.round + 1);
      drawn = last;
    }
    return last.hosts;
  }

  private static Drawn draw(RoutingSnapshot snapshot, long now, int round) {
    List<byte[]> hosts = new ArrayList<>();
    int[] at = {round, round};
    int namesApart = apart(snapshot.counts().hostnames());
    snapshot.eachHostname(hostname -> {
      if (at[0]++ % namesApart == 0) {
        hosts.add(bytes(hostname.name()));
      }
    });
    int rulesApart = apart(snapshot.ruleCounts().hosts());
    snapshot.eachRuleHost((host, _) -> {
      if (at[1]++ % rulesApart == 0) {
        hosts.add(bytes(host));
      }
    });
    return new Drawn(List.copyOf(hosts), now, round);
  }

  private static int apart(int all) {
    return Math.max(1, (all + MAX_HOSTS - 1) / MAX_HOSTS);
  }

  private static byte[] bytes(String host) {
    return SampleRequest.nameOf(host).getBytes(UTF_8);
  }
}
