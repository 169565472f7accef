package anycast.routing.document;

import java.util.List;

/// The mappings of a document, and the keys of each; the published schema defines each under its
/// lower-case name.
enum Shape {
  DOCUMENT("hosts", "rules", "fault"),
  FAULT("kind", "at"),
  RULE(
      "name",
      "match",
      "to",
      "fallback",
      "redirect",
      "rewrite",
      "headers",
      "timeout",
      "wait",
      "retry",
      "mirror"),
  MATCH("path", "methods", "headers", "query", "cookies", "port"),
  PATH("exact", "prefix", "template"),
  CONDITION("equals", "starts_with", "present"),
  TARGET("selector", "port", "weight", "regions"),
  FALLBACK("selector", "port", "regions"),
  REWRITE("prefix", "host"),
  REDIRECT("status", "scheme", "host", "port", "path", "prefix"),
  HEADERS("request", "response"),
  EDITS("set", "add", "remove"),
  RETRY("attempts", "per_try", "budget", "per_second", "statuses"),
  MIRROR("to", "share");

  private final List<String> keys;

  Shape(String... keys) {
    this.keys = List.of(keys);
  }

  List<String> keys() {
    return keys;
  }

  /// The known key that was most likely meant.
  ///
  /// @return empty where none is near
  String nearest(String unknown) {
    String nearest = "";
    int least = Math.max(2, unknown.length() / 3) + 1;
    for (String key : keys) {
      int distance = distance(unknown, key);
      if (distance < least) {
        least = distance;
        nearest = key;
      }
    }
    return nearest;
  }

  /// Letters to insert, drop or change (Levenshtein). Texts far longer than a key are not compared.
  private static int distance(String a, String b) {
    if (a.length() > 2 * b.length() + 2) {
      return Integer.MAX_VALUE;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
