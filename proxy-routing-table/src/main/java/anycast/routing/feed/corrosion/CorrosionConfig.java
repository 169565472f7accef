package anycast.routing.feed.corrosion;

import anycast.routing.feed.Table;
import anycast.routing.model.RegionCode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Where state is, and how it is reached.
///
/// @param urls agents in order of preference, `http` or `https`; a stream stays with one until it
///   fails
/// @param token sent as bearer token with every request
/// @param endpoint the name that the agent must go by; an agent of another name refuses with 421
/// @param caFile PEM certificates that an `https` agent's must descend from; empty = the JDK's own
/// @param stickiness how long an agent that worked is tried again before the next one is; above 0
/// @param region follow only this region's rows in tables that have a column `region`; empty = all
public record CorrosionConfig(
    List<URI> urls,
    Optional<String> token,
    Optional<String> endpoint,
    Optional<Path> caFile,
    Duration stickiness,
    Optional<RegionCode> region) {
  /// An agent's restart takes about that long, and resuming there is cheaper than a new snapshot.
  public static final Duration DEFAULT_STICKINESS = Duration.ofSeconds(5);

  public CorrosionConfig {
    urls = List.copyOf(urls);
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("no agent to ask");
    }
    for (URI url : urls) {
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (!http || url.getHost() == null) {
        throw new IllegalArgumentException("not the address of an agent: " + url);
      }
    }
    visible("token", token);
    visible("endpoint name", endpoint);
  }

  /// What goes into a header; the text itself may be a secret and is not shown.
  private static void visible(String what, Optional<String> text) {
    if (text.isPresent() && !text.get().matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException("the " + what + " is no visible ASCII text");
    }
  }

  /// Every region's rows.
  public CorrosionConfig(
      List<URI> urls,
      Optional<String> token,
      Optional<String> endpoint,
      Optional<Path> caFile,
      Duration stickiness) {
    this(urls, token, endpoint, caFile, stickiness, Optional.empty());
  }

  /// Agents without anything special.
  public static CorrosionConfig of(List<URI> urls, Optional<String> token) {
    return new CorrosionConfig(urls, token, Optional.empty(), Optional.empty(), DEFAULT_STICKINESS);
  }

  /// The same way to one agent, whatever it is called.
  CorrosionConfig at(URI url) {
    return new CorrosionConfig(List.of(url), token, Optional.empty(), caFile, stickiness, region);
  }

  /// The one statement by which a table is followed and audited. Its text is the same in every
  /// process with the same region: agents share one matcher among equal texts.
  Statement statement(Table table) {
    boolean regional = table.columns().stream().anyMatch(c -> c.name().equals("region"));
    return region
        .filter(_ -> regional)
        .map(code -> Statement.of(table.select() + " WHERE region = ?", code.code()))
        .orElseGet(() -> Statement.of(table.select()));
  }
}
