package anycast.backhaul.runtime;

import anycast.backhaul.fault.FaultKind;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/// All counts of a process: one cell per event loop, and one that the other threads share.
///
/// **Threading.** Any thread sums; who adds is said at [CounterCell]. A sum is not a cut through
/// time: counts that belong together may differ by what happens meanwhile.
public final class Counters {
  private final List<EventLoop> loops;
  private final CounterCell[] cells;
  private final CounterCell shared = new CounterCell(true);
  private final CounterCell aside = new CounterCell(true);

  /// Micrometer holds the object of a function counter weakly.
  private final List<DoubleSupplier> asked = new CopyOnWriteArrayList<>();

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  public Counters(List<EventLoop> loops) {
    this.loops = List.copyOf(loops);
    this.cells = new CounterCell[loops.size()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = new CounterCell(false);
    }
    bindCounts();
    bindProcess();
  }

  /// The cell of a loop; the shared one for any other. Ask once per connection and keep it.
  public CounterCell cell(EventLoop loop) {
    for (int i = 0; i < cells.length; i++) {
      if (loops.get(i) == loop) {
        return cells[i];
      }
    }
    return shared;
  }

  /// The cell for threads that are not loops.
  public CounterCell shared() {
    return shared;
  }

  /// The cell for what the process asks of itself, of any thread: it is in no sum, or a process
  /// that nobody asks would seem to serve somebody.
  public CounterCell aside() {
    return aside;
  }

  public long sum(Counter counter) {
    long sum = shared.value(counter);
    for (CounterCell cell : cells) {
      sum += cell.value(counter);
    }
    return sum;
  }

  public long sum(FaultKind kind) {
    long sum = shared.value(kind);
    for (CounterCell cell : cells) {
      sum += cell.value(kind);
    }
    return sum;
  }

  /// Adds a value that is asked for at each scrape, on an admin thread.
  ///
  /// @param name words with dots, e.g. `table.version`
  public void gauge(String name, String meaning, DoubleSupplier value) {
    Gauge.builder("anycast." + name, value::getAsDouble).description(meaning).register(registry);
  }

  /// As [#gauge(String, String, DoubleSupplier)], with labels.
  public void gauge(String name, String meaning, Map<String, String> tags, DoubleSupplier value) {
    Gauge.builder("anycast." + name, value::getAsDouble)
        .description(meaning)
        .tags(tags(tags))
        .register(registry);
  }

  /// A number that only grows and is asked for at each scrape, on an admin thread.
  public void counter(String name, String meaning, Map<String, String> tags, DoubleSupplier value) {
    asked.add(value);
    FunctionCounter.builder("anycast." + name, value, DoubleSupplier::getAsDouble)
        .description(meaning)
        .tags(tags(tags))
        .register(registry);
  }

  private static Tags tags(Map<String, String> tags) {
    Tags all = Tags.empty();
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      all = all.and(tag.getKey(), tag.getValue());
    }
    return all;
  }

  /// Answers `/metrics` in Prometheus's text format.
  public AdminAnswer metrics() {
    return _ -> new AdminAnswer.Text("text/plain; version=0.0.4; charset=utf-8", registry.scrape());
  }

  /// Micrometer holds `this` weakly; the page of [#metrics] keeps it.
  private void bindCounts() {
    for (Counter counter : Counter.values()) {
      String name = "anycast." + counter.name().toLowerCase(Locale.ROOT).replace('_', '.');
      FunctionCounter.builder(name, this, counters -> counters.sum(counter))
          .description(counter.meaning())
          .register(registry);
    }
    for (FaultKind kind : FaultKind.values()) {
      FunctionCounter.builder("anycast.faults", this, counters -> counters.sum(kind))
          .description("Exchanges that ended by a fault of this kind.")
          .tags(Tags.of("kind", kind.name().toLowerCase(Locale.ROOT)))
          .register(registry);
    }
  }

  private void bindProcess() {
    // These read the JVM's own beans; none of them starts a thread or needs closing.
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider) {
      ByteBufAllocatorMetric metric = provider.metric();
      gauge("buffers.direct.bytes", "Direct memory held for buffers.", metric::usedDirectMemory);
      gauge("buffers.heap.bytes", "Heap memory held for buffers.", metric::usedHeapMemory);
    }
  }
}
