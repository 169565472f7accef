package anycast.routing.feed.sqlite;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// SQL cut into tokens: enough to number parameters, to see what kind of statement it is and which
/// names it uses, not to understand it. SQLite itself remains the judge of the rest.
///
/// **Threading.** Immutable.
final class SqlText {
  /// What a token is.
  enum Kind {
    WORD,
    /// A name in double quotes, backquotes or brackets.
    QUOTED,
    STRING,
    NUMBER,
    PARAMETER,
    MARK
  }

  /// A token with its place in the text.
  record Token(Kind kind, String text, int start, int end) {
    boolean is(String word) {
      return kind != Kind.QUOTED && kind != Kind.STRING && text.equalsIgnoreCase(word);
    }

    boolean isName() {
      return kind == Kind.WORD || kind == Kind.QUOTED;
    }

    /// A name without its quotes.
    String name() {
      return kind == Kind.QUOTED ? text.substring(1, text.length() - 1) : text;
    }
  }

  /// Longest statement: a row with a certificate chain fits in many times.
  static final int MAX_CHARS = 1 << 20;

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();

  /// @throws IllegalArgumentException where the text does not end, or holds what no SQL has
  SqlText(String sql) {
    if (sql.length() > MAX_CHARS) {
      throw new IllegalArgumentException("a statement of more than " + MAX_CHARS + " characters");
    }
    if (sql.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a statement with a NUL character");
    }
    this.sql = sql;
    int at = skipBlank(0);
    while (at < sql.length()) {
      Token token = token(at);
      tokens.add(token);
      at = skipBlank(token.end());
    }
    while (!tokens.isEmpty() && tokens.getLast().is(";")) {
      tokens.removeLast();
    }
    if (tokens.isEmpty()) {
      throw new IllegalArgumentException("an empty statement");
    }
    if (tokens.stream().anyMatch(t -> t.is(";"))) {
      throw new IllegalArgumentException("more than one statement in one text");
    }
  }

  String sql() {
    return sql;
  }

  List<Token> tokens() {
    return tokens;
  }

  /// The first word, in upper case.
  String verb() {
    return tokens.getFirst().text().toUpperCase(Locale.ROOT);
  }

  /// Whether it names something of the store's own (`__…`) or of SQLite's.
  boolean namesInternals() {
    return tokens.stream()
        .filter(Token::isName)
        .map(t -> t.name().toLowerCase(Locale.ROOT))
        .anyMatch(n -> n.startsWith("__") || n.startsWith("sqlite_") || n.equals("load_extension"));
  }

  private int skipBlank(int from) {
    int at = from;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (sql.startsWith("--", at)) {
        int newline = sql.indexOf('\n', at);
        at = newline < 0 ? sql.length() : newline + 1;
      } else if (sql.startsWith("/*", at)) {
        int close = sql.indexOf("*/", at + 2);
        at = close < 0 ? sql.length() : close + 2;
      } else {
        break;
      }
    }
    return at;
  }

  private Token token(int at) {
    char c = sql.charAt(at);
    if (c == '\'') {
      return quoted(at, '\'', Kind.STRING);
    }
    if (c == '"' || c == '`') {
      return quoted(at, c, Kind.QUOTED);
    }
    if (c == '[') {
      return quoted(at, ']', Kind.QUOTED);
    }
    boolean parameter = c == '?' || c == ':' || c == '@' || c == '$';
    if (parameter) {
      return new Token(Kind.PARAMETER, sql.substring(at, word(at + 1)), at, word(at + 1));
    }
    if (Character.isDigit(c)) {
      int end = word(at + 1);
      return new Token(Kind.NUMBER, sql.substring(at, end), at, end);
    }
    if (Character.isLetter(c) || c == '_') {
      int end = word(at + 1);
      return new Token(Kind.WORD, sql.substring(at, end), at, end);
    }
    return new Token(Kind.MARK, sql.substring(at, at + 1), at, at + 1);
  }

  private int word(int from) {
    int at = from;
    while (at < sql.length()
        && (Character.isLetterOrDigit(sql.charAt(at))
            || sql.charAt(at) == '_'
            || sql.charAt(at) == '$')) {
      at++;
    }
    return at;
  }

  private Token quoted(int at, char close, Kind kind) {
    int end = at + 1;
    while (end < sql.length()) {
      if (sql.charAt(end) == close) {
        if (close != ']' && end + 1 < sql.length() && sql.charAt(end + 1) == close) {
          end += 2;
          continue;
        }
        return new Token(kind, sql.substring(at, end + 1), at, end + 1);
      }
      end++;
    }
    throw new IllegalArgumentException("a quoted text that does not end");
  }
}
