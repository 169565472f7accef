package anycast.routing.document;

import java.util.ArrayList;
import java.util.List;

/// One value of a document with its place. What it is not, is noted, and a stand-in is handed out
/// (`""`, the least number, an empty list), so that one reading finds every problem; rules are
/// built of stand-ins, too, and thrown away.
///
/// @param up the value that holds this one; null at the top
/// @param key under which that holds it; null in a list
/// @param index at which that holds it
record Value(Tree tree, Value up, String key, int index, Findings findings) {
  /// Texts that end up in log lines and headers.
  static final int MAX_TEXT = 4_096;

  private static final int SHOWN = 60;

  /// Such as `rules[2].to[0].selector`.
  String path() {
    if (up == null) {
      return "";
    }
    String path = up.path();
    if (key == null) {
      return path + "[" + index + "]";
    }
    return path.isEmpty() ? shown(key) : path + "." + shown(key);
  }

  void problem(String message) {
    findings.problem(tree.line(), tree.column(), path(), message);
  }

  void warning(String message) {
    findings.warning(tree.line(), tree.column(), path(), message);
  }

  boolean isMapping() {
    return tree instanceof Tree.Mapping;
  }

  boolean isScalar() {
    return tree instanceof Tree.Scalar;
  }

  /// Whether it is `""`.
  boolean isEmptyText() {
    return tree instanceof Tree.Scalar scalar && scalar.text().isEmpty() && !scalar.isNull();
  }

  /// @param what the shape holds, in words: "wants {what}"
  Block block(Shape shape, String what) {
    if (!isMapping()) {
      problem("wants " + what + ", not " + kind());
    }
    return new Block(this, shape, entries(shape.keys().size() * 4));
  }

  /// Of a mapping; of anything else, nothing.
  ///
  /// @param most more are noted and left out
  List<Named> entries(int most) {
    List<Named> entries = new ArrayList<>();
    if (tree instanceof Tree.Mapping mapping) {
      for (Tree.Entry entry : mapping.entries()) {
        if (entries.size() == most) {
          problem("has more than " + most + " keys");
          break;
        }
        Value value = new Value(entry.value(), this, entry.key().text(), 0, findings);
        entries.add(new Named(entry.key(), value));
      }
    }
    return entries;
  }

  /// Of a mapping whose keys its author chose.
  List<Named> named(int most, String what) {
    if (!isMapping()) {
      problem("wants " + what + ", not " + kind());
    }
    return entries(most);
  }

  /// @param what one item is, in the plural
  List<Value> list(int most, String what) {
    if (!(tree instanceof Tree.Sequence sequence)) {
      problem("wants a list of " + what + ", not " + kind() + "; write [...]");
      return List.of();
    }
    if (sequence.items().size() > most) {
      problem("has " + sequence.items().size() + " " + what + ", of at most " + most);
    }
    List<Value> items = new ArrayList<>();
    for (int i = 0; i < Math.min(most, sequence.items().size()); i++) {
      items.add(new Value(sequence.items().get(i), this, null, i, findings));
    }
    return items;
  }

  /// Any scalar: who writes `v: 2` means the text `2`.
  ///
  /// @return empty where it is none, and perhaps where it is one
  String text(String what) {
    if (!(tree instanceof Tree.Scalar scalar) || scalar.isNull()) {
      problem("wants " + what + ", not " + kind());
      return "";
    }
    if (scalar.text().length() > MAX_TEXT) {
      problem("has more than " + MAX_TEXT + " characters");
      return "";
    }
    return scalar.text();
  }

  /// Whether it is written as a whole number.
  boolean isNumber() {
    return tree instanceof Tree.Scalar scalar && scalar.plain() && isWhole(scalar.text());
  }

  /// A whole number without quotes.
  int number(int least, int most) {
    if (tree instanceof Tree.Scalar scalar && isNumber()) {
      long number = Long.parseLong(scalar.text());
      if (number >= least && number <= most) {
        return (int) number;
      }
    }
    problem("wants a whole number from " + least + " to " + most + ", not " + kind());
    return least;
  }

  boolean truth() {
    if (tree instanceof Tree.Scalar scalar && scalar.plain()) {
      if (scalar.text().equals("true")) {
        return true;
      }
      if (scalar.text().equals("false")) {
        return false;
      }
    }
    problem("wants true or false, not " + kind());
    return false;
  }

  /// What it is, in words.
  String kind() {
    return switch (tree) {
      case Tree.Mapping _ -> "a mapping";
      case Tree.Sequence _ -> "a list";
      case Tree.Scalar scalar -> {
        if (scalar.isNull()) {
          yield "nothing";
        }
        String quote = scalar.plain() ? "" : "\"";
        yield quote + shown(scalar.text()) + quote;
      }
    };
  }

  /// As it may stand in a message: on one line, not too long.
  static String shown(String text) {
    return shown(text, SHOWN);
  }

  static String shown(String text, int most) {
    String cut = text.length() > most ? text.substring(0, most) + "..." : text;
    StringBuilder shown = new StringBuilder(cut.length());
    cut.chars().forEach(c -> shown.append(Character.isISOControl(c) ? '?' : (char) c));
    return shown.toString();
  }

  private static boolean isWhole(String text) {
    if (text.isEmpty() || text.length() > 10 || text.length() > 1 && text.charAt(0) == '0') {
      return false;
    }
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /// A value under a key that its author chose.
  record Named(Tree.Scalar key, Value value) {
    String name() {
      return key.text();
    }

    /// Notes something about the key, not the value.
    void problem(String message) {
      value.findings().problem(key.line(), key.column(), value.path(), message);
    }
  }
}
