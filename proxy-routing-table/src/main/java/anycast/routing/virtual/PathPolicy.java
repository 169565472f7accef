package anycast.routing.virtual;

/// What becomes of paths that two readers could take for two different ones.
///
/// The choices that are refused are those where the app's reading cannot be known: whoever knows
/// their apps may choose otherwise. Independent of policy are refused: a path that does not begin
/// with `/`, a `%` without two hex digits, a raw control character, space or `#`, an encoded NUL,
/// and a path that climbs above its root.
///
/// @param dots `.` and `..`, also written `%2e`
/// @param slashes more than one `/` in a row
/// @param encodedSlash `%2F`
/// @param backslash `\` and `%5C`
/// @param controls `%01` to `%1F`, `%7F`
/// @param parameters `;` and what follows it in a segment
public record PathPolicy(
    Dots dots,
    Slashes slashes,
    EncodedSlash encodedSlash,
    Backslash backslash,
    Controls controls,
    Parameters parameters) {
  /// As strict as most apps bear.
  public static final PathPolicy SAFE =
      new PathPolicy(
          Dots.RESOLVE,
          Slashes.MERGE,
          EncodedSlash.REFUSE,
          Backslash.REFUSE,
          Controls.REFUSE,
          Parameters.REFUSE);

  /// As little changed and refused as any policy can.
  public static final PathPolicy LENIENT =
      new PathPolicy(
          Dots.RESOLVE,
          Slashes.KEEP,
          EncodedSlash.KEEP,
          Backslash.KEEP,
          Controls.KEEP,
          Parameters.KEEP);

  /// Segments that are `.` or `..`.
  public enum Dots {
    /// RFC 3986 §5.2.4.
    RESOLVE,
    REFUSE
  }

  /// Empty segments.
  public enum Slashes {
    /// One is left, which is how file servers read them.
    MERGE,
    KEEP,
    REFUSE
  }

  /// A slash that is said to be none.
  public enum EncodedSlash {
    REFUSE,
    /// It stays encoded, a character of its segment; where a part between two of them is `.` or
    /// `..`, the path is refused.
    KEEP,
    /// It is a slash like others.
    DECODE
  }

  /// A separator for some readers, a character for others.
  public enum Backslash {
    REFUSE,
    /// It becomes `%5C`, with the same check of the parts as a kept slash.
    KEEP,
    /// It is a slash.
    SLASH
  }

  /// Control characters that came encoded; they end texts, lines and log entries.
  public enum Controls {
    REFUSE,
    KEEP
  }

  /// Parameters of a segment (RFC 3986 §3.3). Some apps drop them before they look at the path and
  /// read `/admin;x` as `/admin`, others know of none.
  public enum Parameters {
    REFUSE,
    /// They belong to their segment for rules and for the app: `/admin;x` is not `/admin`. A
    /// segment that is empty, `.` or `..` without them is refused.
    KEEP,
    /// They are taken away for rules and for the app.
    DROP
  }
}
