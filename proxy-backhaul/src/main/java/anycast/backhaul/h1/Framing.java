package anycast.backhaul.h1;

/// How the end of a body is told (RFC 9112 §6.3).
///
/// @param length bytes, for `LENGTH`; else 0
public record Framing(Kind kind, long length) {
  /// The ways to tell.
  public enum Kind {
    NONE,
    LENGTH,
    CHUNKED,
    /// Responses only, and no connection is reused after it.
    UNTIL_CLOSE
  }

  public static final Framing NONE = new Framing(Kind.NONE, 0);
  public static final Framing CHUNKED = new Framing(Kind.CHUNKED, 0);
  public static final Framing UNTIL_CLOSE = new Framing(Kind.UNTIL_CLOSE, 0);

  /// A body of this many bytes; `NONE` for zero.
  public static Framing ofLength(long length) {
    return length == 0 ? NONE : new Framing(Kind.LENGTH, length);
  }

  public boolean hasBody() {
    return kind != Kind.NONE;
  }
}
