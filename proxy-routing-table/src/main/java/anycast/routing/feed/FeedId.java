package anycast.routing.feed;

/// One table of one source: what has a stream, a watermark and a mirror of its own.
///
/// @param source the source's name in the configuration, e.g. `global` or `fra`
public record FeedId(String source, Table table) {
  @Override
  public String toString() {
    return source + "/" + table.label();
  }
}
