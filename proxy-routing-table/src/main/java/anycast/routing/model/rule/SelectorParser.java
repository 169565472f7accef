package anycast.routing.model.rule;

import anycast.routing.model.rule.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads the selector syntax of Kubernetes:
///
/// ```
/// selector    = "*" | requirement *("," requirement)
/// requirement = key | "!" key | key ("=" | "==" | "!=") value | key ("in" | "notin") "(" values ")"
/// values      = value *("," value)
/// key         = [ DNS-name "/" ] name
/// value       = "" | name
/// ```
///
/// A name has 1 to 63 letters, digits, `-`, `_`, `.`, of which the first and the last are a letter
/// or digit. Space may stand between any two of these. `in` and `notin` are names like others where
/// no operator can stand. Two things differ: an empty text is an error, since a selector that was
/// forgotten would send a rule's requests to every instance there is (`*` says that); and `>` and
/// `<` are unknown.
///
/// **Threading.** One thread, one reading.
///
/// **Limits.** [#MAX_CHARS], [#MAX_REQUIREMENTS], [#MAX_VALUES].
final class SelectorParser {
  /// Longest text: the values of a whole requirement at their longest.
  static final int MAX_CHARS = 8_192;

  /// An instance has at most 64 labels; a selector that asks for more than half is generated.
  static final int MAX_REQUIREMENTS = 32;

  /// Values of one requirement: each is a key in the index of labels.
  static final int MAX_VALUES = 128;

  /// Of Kubernetes.
  private static final int MAX_NAME = 63;

  /// RFC 1035 §2.3.4; also the longest name of an app, node or instance.
  private static final int MAX_DNS = 253;

  private final String text;
  private int at;

  SelectorParser(String text) {
    this.text = text;
  }

  SelectorRead read() {
    try {
      return new SelectorRead.Valid(selector());
    } catch (Unexpected e) {
      return new SelectorRead.Invalid(e.column, e.getMessage());
    }
  }

  private LabelSelector selector() throws Unexpected {
    if (text.length() > MAX_CHARS) {
      throw new Unexpected(MAX_CHARS, "a selector has at most " + MAX_CHARS + " characters");
    }
    skipSpace();
    if (at == text.length()) {
      throw expected("a label's name, or '*' for every instance");
    }
    if (take("*")) {
      skipSpace();
      if (at < text.length()) {
        throw expected("nothing after '*'");
      }
      return LabelSelector.ALL;
    }
    List<Requirement> requirements = new ArrayList<>();
    do {
      if (requirements.size() == MAX_REQUIREMENTS) {
        throw new Unexpected(at, "a selector has at most " + MAX_REQUIREMENTS + " requirements");
      }
      requirements.add(requirement());
      skipSpace();
    } while (take(","));
    if (at < text.length()) {
      throw expected("',' or the end");
    }
    return new LabelSelector(requirements);
  }

  private Requirement requirement() throws Unexpected {
    skipSpace();
    if (take("!")) {
      skipSpace();
      return new Requirement.Absent(key());
    }
    String key = key();
    skipSpace();
    if (take("!=")) {
      return new Requirement.NotIn(key, Set.of(value(key)));
    }
    if (take("==") || take("=")) {
      return new Requirement.In(key, Set.of(value(key)));
    }
    if (takeWord("in")) {
      return new Requirement.In(key, values(key));
    }
    if (takeWord("notin")) {
      return new Requirement.NotIn(key, values(key));
    }
    if (at < text.length() && text.charAt(at) != ',') {
      throw expected("'=', '!=', 'in (...)', 'notin (...)', ',' or the end");
    }
    return new Requirement.Present(key);
  }

  private Set<String> values(String key) throws Unexpected {
    skipSpace();
    if (!take("(")) {
      throw expected("'(' and a list of values");
    }
    Set<String> values = new HashSet<>();
    do {
      values.add(value(key));
      if (values.size() > MAX_VALUES) {
        throw new Unexpected(at, "a requirement has at most " + MAX_VALUES + " values");
      }
      skipSpace();
    } while (take(","));
    if (!take(")")) {
      throw expected("',' or ')'");
    }
    return values;
  }

  private String key() throws Unexpected {
    int from = at;
    String word = word();
    if (word.isEmpty()) {
      throw expected("a label's name");
    }
    if (at == text.length() || text.charAt(at) != '/') {
      checkName(word, from, MAX_NAME);
      return word;
    }
    checkDnsName(word, from);
    at++;
    int name = at;
    checkName(word(), name, MAX_NAME);
    return text.substring(from, at);
  }

  private String value(String key) throws Unexpected {
    skipSpace();
    int from = at;
    String value = word();
    if (!value.isEmpty()) {
      checkName(value, from, LabelSelector.BUILT_IN.contains(key) ? MAX_DNS : MAX_NAME);
    }
    return value;
  }

  /// Letters, digits, `-`, `_`, `.` as many as there are.
  private String word() {
    int from = at;
    while (at < text.length() && isNameChar(text.charAt(at))) {
      at++;
    }
    return text.substring(from, at);
  }

  private void checkName(String name, int from, int most) throws Unexpected {
    if (name.isEmpty()) {
      throw expected("a name after '/'");
    }
    if (name.length() > most) {
      throw new Unexpected(from + most, "'" + name + "' has more than " + most + " characters");
    }
    if (!isAlphanumeric(name.charAt(0))) {
      throw new Unexpected(from, "'" + name + "' must begin with a letter or digit");
    }
    if (!isAlphanumeric(name.charAt(name.length() - 1))) {
      throw new Unexpected(
          from + name.length() - 1, "'" + name + "' must end with a letter or digit");
    }
  }

  private static void checkDnsName(String name, int from) throws Unexpected {
    if (name.length() > MAX_DNS) {
      throw new Unexpected(from + MAX_DNS, "a prefix has at most " + MAX_DNS + " characters");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean edge = isEdge(name, i);
      boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
      if (!plain && (edge || c != '-' && c != '.')) {
        throw new Unexpected(from + i, "'" + name + "' before '/' is not a DNS name");
      }
    }
  }

  /// Whether a DNS label begins or ends at `i`.
  private static boolean isEdge(String name, int i) {
    return i == 0
        || i == name.length() - 1
        || name.charAt(i - 1) == '.'
        || name.charAt(i + 1) == '.';
  }

  private boolean take(String token) {
    if (!text.startsWith(token, at)) {
      return false;
    }
    at += token.length();
    return true;
  }

  private boolean takeWord(String word) {
    int from = at;
    if (word().equals(word)) {
      return true;
    }
    at = from;
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private Unexpected expected(String what) {
    String found =
        at == text.length() ? "the end" : "'" + Character.toString(text.codePointAt(at)) + "'";
    return new Unexpected(at, "expected " + what + ", found " + found);
  }

  private static boolean isNameChar(char c) {
    return isAlphanumeric(c) || c == '-' || c == '_' || c == '.';
  }

  private static boolean isAlphanumeric(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  /// Leaves the descent; never leaves this class.
  private static final class Unexpected extends Exception {
    private static final long serialVersionUID = 1;

    private final int column;

    Unexpected(int at, String message) {
      super(message, null, false, false);
      this.column = at + 1;
    }
  }
}
