package anycast.load.state;

import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;

/// Many subscribers of one store, while it changes: `URL PID SUBSCRIBERS RATE SECONDS`. They read
/// and do nothing else, in this process.
public final class SubscribersPart {
  private static final int WARM_UP_SECONDS = 5;

  /// More than one batch holds, so that each change is told.
  private static final int PLACES = 100;

  private static final long LAST_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final AtomicLongArray committed;
  private final ConcurrentHistogram latency = new ConcurrentHistogram(3);
  private final LongAdder delivered = new LongAdder();
  private final int warmUp;

  private SubscribersPart(int warmUp, int changes) {
    this.warmUp = warmUp;
    this.committed = new AtomicLongArray(changes + 1);
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    int rate = Integer.parseInt(args[3]);
    int warmUp = rate * WARM_UP_SECONDS;
    int changes = warmUp + rate * Integer.parseInt(args[4]);
    new SubscribersPart(warmUp, changes)
        .measure(
            URI.create(args[0]), Long.parseLong(args[1]), Integer.parseInt(args[2]), rate, changes);
  }

  private void measure(URI store, long pid, int count, int rate, int changes)
      throws IOException, InterruptedException {
    List<RawSubscriber> subscribers = new ArrayList<>();
    try (StateClient client = new StateClient(List.of(store), Optional.empty())) {
      for (int i = 0; i < count; i++) {
        subscribers.add(new RawSubscriber(store, Table.INSTANCES.select(), this::onArrived));
      }
      write(client, rate, 1, warmUp);
      double storeCpu = Told.cpuSeconds(pid);
      double ownCpu = Told.cpuSeconds();
      long begun = System.nanoTime();
      write(client, rate, warmUp + 1, changes);
      double seconds = (System.nanoTime() - begun) / 1e9;
      awaitDelivered((long) count * (changes - warmUp));
      Told.tell("store_cores", (Told.cpuSeconds(pid) - storeCpu) / seconds);
      Told.tell("readers_cores", (Told.cpuSeconds() - ownCpu) / seconds);
      Told.tell("changes_per_s", (changes - warmUp) / seconds);
    } finally {
      Told.tell("cut", subscribers.stream().filter(RawSubscriber::ended).count());
      for (RawSubscriber subscriber : subscribers) {
        subscriber.close();
      }
    }
    Told.tell("missed", (double) count * (changes - warmUp) - delivered.sum());
    Told.tell("latency_ms_p50", latency.getValueAtPercentile(50) / 1e6);
    Told.tell("latency_ms_p99", latency.getValueAtPercentile(99) / 1e6);
    Told.tell("latency_ms_max", latency.getMaxValue() / 1e6);
    Told.tell(Told.DONE, 1);
  }

  private void write(StateClient client, int rate, int first, int last)
      throws IOException, InterruptedException {
    long every = TimeUnit.SECONDS.toNanos(1) / rate;
    long due = System.nanoTime();
    for (int number = first; number <= last; number++) {
      committed.set(number, System.nanoTime());
      Marker.write(client, number % PLACES, number);
      due += every;
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  /// From when the transaction was sent: a change may be told before it is acknowledged.
  private void onArrived(long number) {
    if (number > warmUp) {
      latency.recordValue(Math.max(0, System.nanoTime() - committed.get((int) number)));
      delivered.increment();
    }
  }

  /// Until all have all, or nothing more comes.
  private void awaitDelivered(long wanted) {
    long limit = System.nanoTime() + LAST_LIMIT_NANOS;
    while (delivered.sum() < wanted && System.nanoTime() < limit) {
      LockSupport.parkNanos(5_000_000);
    }
  }
}
