package anycast.routing.feed;

/// A position in a source's stream. Positions of two streams do not compare.
///
/// @param source where the stream comes from, e.g. the agent's URL
/// @param stream the source's name of the stream, e.g. a subscription id
/// @param position the last change applied; 0 = none since the snapshot of a fresh stream
public record Watermark(String source, String stream, long position) {
  static final Watermark NONE = new Watermark("", "", 0);

  Watermark at(long position) {
    return new Watermark(source, stream, position);
  }
}
