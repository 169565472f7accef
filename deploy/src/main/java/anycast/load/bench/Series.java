package anycast.load.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// All rounds of one chain in one case.
///
/// @param rate requests a second that were asked for, 0 at saturation
record Series(String chain, String load, double rate, List<Sample> samples) {
  Series(String chain, String load, double rate) {
    this(chain, load, rate, new ArrayList<>());
  }

  /// The median, and the ends.
  record Range(double median, double least, double most) {}

  Range range(ToDoubleFunction<Sample> part) {
    double[] sorted = samples.stream().mapToDouble(part).sorted().toArray();
    return new Range(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
  }

  double median(ToDoubleFunction<Sample> part) {
    return range(part).median();
  }

  long failed() {
    return samples.stream().mapToLong(Sample::failed).sum();
  }
}
