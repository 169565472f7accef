package anycast.routing.virtual;

/// What rules look at of a request.
///
/// **Threading.** One request's; the arrays are read during a match only.
public interface RequestView {
  /// Array that holds the canonical path, without query.
  byte[] path();

  int pathStart();

  int pathEnd();

  CharSequence method();

  /// The public port.
  int port();

  /// Header by lower-case name: the value at `index` among those of the name, or null.
  CharSequence header(String name, int index);

  /// Decoded query parameter: the value at `index` among those of the name, or null.
  CharSequence query(String name, int index);

  /// Cookie: the value at `index` among those of the name, or null.
  CharSequence cookie(String name, int index);
}
