package anycast.routing.review;

import anycast.routing.model.Entity;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a change of virtual services would do.
///
/// Both states are built as an edge builds them, and both are asked as an edge asks them: where the
/// samples go is not foretold but done.
///
/// **Threading.** Pure. **Limits.** [RuleFindings#MAX_FINDINGS] findings, [Samples#MAX_SAMPLES]
/// samples.
///
/// @param found new ones first, then in an order of their own
/// @param complete whether there are no more findings than these
/// @param samples those that go elsewhere first
public record RuleReview(List<Found> found, boolean complete, List<Sampled> samples) {
  public RuleReview {
    found = List.copyOf(found);
    samples = List.copyOf(samples);
  }

  /// @param isNew whether the change brings it
  public record Found(Finding finding, boolean isNew) {}

  /// Where one request goes.
  ///
  /// @param request method, URL, and the headers and cookies that it has
  /// @param before in words
  /// @param after the same
  /// @param differs whether a rule, an app or an answer changed; how many instances a selector has
  ///   is told, but is no difference
  public record Sampled(String request, String before, String after, boolean differs) {}

  /// @param self any edge: where it is decides nothing here
  /// @param rows all rows in force, in any order
  /// @param changes of virtual services, not yet applied
  public static RuleReview of(
      Locality self, Collection<? extends Entity> rows, List<Change> changes) {
    SnapshotBuilder builder = new SnapshotBuilder(self);
    List<Change> puts = rows.stream().map(row -> (Change) new Change.Put(row)).toList();
    RoutingSnapshot before = builder.apply(builder.empty(), new Delta(puts));
    return of(before, builder.apply(before, new Delta(changes)));
  }

  public static RuleReview of(RoutingSnapshot before, RoutingSnapshot after) {
    RuleFindings was = RuleFindings.of(before);
    RuleFindings is = RuleFindings.of(after);
    Set<Finding> known = new HashSet<>(was.findings());
    List<Found> found =
        is.findings().stream()
            .map(finding -> new Found(finding, !known.contains(finding)))
            .sorted((one, other) -> Boolean.compare(other.isNew(), one.isNew()))
            .toList();
    return new RuleReview(found, is.complete(), Samples.of(before, after));
  }
}
