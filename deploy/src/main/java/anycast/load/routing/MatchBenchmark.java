package anycast.load.routing;

import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.RuleIndex;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/// One match among the rules of one host, for requests in random order. [RoutingBench] runs these.
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MatchBenchmark {
  private static final int BATCH = 64;
  private static final int REQUESTS = 1 << 12;

  /// What tells the rules apart.
  public enum Shape {
    EXACT,
    PREFIX,
    TEMPLATE,
    HEADER,
    METHOD_AND_HEADER,
    MIXED
  }

  @Param({"1", "100", "10000"})
  public int rules;

  @Param({"EXACT", "PREFIX", "TEMPLATE", "HEADER", "METHOD_AND_HEADER", "MIXED"})
  public Shape shape;

  private RuleIndex index;
  private CompiledRule[] ordered;
  private SomeRequest[] requests;
  private int next;

  @Setup
  public void build() {
    index = SomeRules.index(shape, rules);
    ordered = index.rules().toArray(CompiledRule[]::new);
    requests = SomeRules.requests(shape, rules, REQUESTS);
    for (SomeRequest request : requests) {
      if (index.match(request) != NaiveScan.match(ordered, request)) {
        throw new IllegalStateException("the index and the scan differ on " + request);
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void index(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(index.match(requests[next++ & REQUESTS - 1]));
    }
  }

  /// Each rule in turn, most specific first: what the index is measured against.
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void scan(Blackhole answers) {
    for (int i = 0; i < BATCH; i++) {
      answers.consume(NaiveScan.match(ordered, requests[next++ & REQUESTS - 1]));
    }
  }
}
