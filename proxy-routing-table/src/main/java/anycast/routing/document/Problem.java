package anycast.routing.document;

/// Something about a document that its author should know: why it cannot be used, or, as a warning,
/// what it says that can hardly be meant.
///
/// @param line from 1; 0 = the document as a whole
/// @param column from 1; 0 = the document as a whole
/// @param path such as `rules[2].to[0].selector`; empty = the document as a whole
/// @param message what is wrong, and what to write instead
public record Problem(int line, int column, String path, String message) {
  /// On one line.
  public String text() {
    String where = line == 0 ? "" : "line " + line + ", column " + column + ": ";
    return where + (path.isEmpty() ? "" : path + ": ") + message;
  }
}
