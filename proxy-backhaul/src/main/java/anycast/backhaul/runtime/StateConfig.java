package anycast.backhaul.runtime;

import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.model.RegionCode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Where the routing table comes from: the configuration blocks `state`, `last_good`, `freshness`,
/// `guard`, `audit` and `admission`.
///
/// @param lastGood where the table is kept for a start without any source; empty = nowhere
/// @param admission what is asked of an update before it is in force
public record StateConfig(
    Sources sources,
    FeedLimits limits,
    Optional<LastGoodPlace> lastGood,
    AdmissionConfig admission) {
  /// Admits by the usual terms and keeps no journal.
  public StateConfig(Sources sources, FeedLimits limits, Optional<LastGoodPlace> lastGood) {
    this(sources, limits, lastGood, AdmissionConfig.STANDARD);
  }

  /// Who is followed.
  public sealed interface Sources {
    /// Agents of one state that holds every table.
    record Agents(CorrosionConfig agents) implements Sources {}

    /// Two tiers: each region's state holds its instances, a global one the rest.
    record Tiers(CorrosionConfig global, List<Regional> regional) implements Sources {
      public Tiers {
        regional = List.copyOf(regional);
      }
    }

    /// A NATS JetStream cluster that holds every table.
    record Nats(NatsConfig nats) implements Sources {}
  }

  /// A region's own state.
  public record Regional(RegionCode region, CorrosionConfig agents) {}

  /// @param every how long a change may be missing on disk
  public record LastGoodPlace(Path directory, Duration every) {}

  /// The name of the one source, where there is one.
  public static final String SINGLE = "state";

  /// The name of the tier that is everywhere; no region is called so.
  public static final String GLOBAL = "global";

  private static final Duration LAST_GOOD_EVERY = Duration.ofSeconds(60);

  /// Agents of one state, and nothing else that could be set.
  public static StateConfig of(List<URI> urls) {
    return new StateConfig(
        new Sources.Agents(CorrosionConfig.of(urls, Optional.empty())),
        FeedLimits.STANDARD,
        Optional.empty());
  }

  /// Reads the blocks of `root`.
  ///
  /// @return null after a problem that leaves no source
  public static StateConfig read(ConfigBlock root) {
    Sources sources = StateSources.read(root.block("state"));
    FeedLimits limits = limits(root);
    Optional<LastGoodPlace> lastGood = lastGood(root);
    AdmissionConfig admission = AdmissionConfig.read(root, lastGood.map(LastGoodPlace::directory));
    return sources == null ? null : new StateConfig(sources, limits, lastGood, admission);
  }

  private static FeedLimits limits(ConfigBlock root) {
    FeedLimits usual = FeedLimits.STANDARD;
    ConfigBlock guard = root.optionalBlock("guard");
    ConfigBlock freshness = root.optionalBlock("freshness");
    return new FeedLimits(
        guard.parsed("shrink", StateConfig::percent, usual.guardFraction()),
        usual.guardLeastRows(),
        guard.positive("confirm", usual.confirm()),
        freshness.positive("silence", usual.silence()),
        freshness.positive("limit", usual.freshness()),
        root.optionalBlock("audit").positive("every", usual.auditEvery()));
  }

  private static Optional<LastGoodPlace> lastGood(ConfigBlock root) {
    if (!root.has("last_good")) {
      return Optional.empty();
    }
    ConfigBlock block = root.block("last_good");
    Path directory = block.path("directory");
    Duration every = block.positive("every", LAST_GOOD_EVERY);
    return directory == null ? Optional.empty() : Optional.of(new LastGoodPlace(directory, every));
  }

  static double percent(String text) {
    if (text.matches("[0-9]{1,3}%")) {
      int percent = Integer.parseInt(text.substring(0, text.length() - 1));
      if (percent >= 1 && percent <= 100) {
        return percent / 100.0;
      }
    }
    throw new IllegalArgumentException("wants a share from 1% to 100%");
  }

  /// Whether a node of this region has a state to write its instances to.
  public boolean takes(RegionCode region) {
    return !(sources instanceof Sources.Tiers(_, List<Regional> regional))
        || regional.stream().anyMatch(tier -> tier.region().equals(region));
  }

  /// Where state comes from, in words.
  public String told() {
    return switch (sources) {
      case Sources.Agents(CorrosionConfig agents) -> agents.urls().toString();
      case Sources.Tiers(CorrosionConfig global, List<Regional> regional) -> {
        List<String> tiers = new ArrayList<>(List.of(GLOBAL + " " + global.urls()));
        regional.forEach(tier -> tiers.add(tier.region() + " " + tier.agents().urls()));
        yield tiers.stream().collect(Collectors.joining(", "));
      }
      case Sources.Nats(NatsConfig nats) -> nats.servers().toString();
    };
  }
}
