package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// A SELECT that can be followed: one table, no joins, no aggregation, so that each result row
/// belongs to exactly one row of the table and can be asked for again by its rowid.
///
/// @param visible the query as it was asked
/// @param tracked the same query with the rowid and the key in front
record SelectShape(Table table, String visible, String tracked) {
  private static final Set<String> REFUSED =
      Set.of(
          "JOIN",
          "GROUP",
          "HAVING",
          "LIMIT",
          "UNION",
          "INTERSECT",
          "EXCEPT",
          "WINDOW",
          "OVER",
          "DISTINCT",
          "OFFSET",
          "RANDOM");

  private static final Set<String> AGGREGATES =
      Set.of("COUNT", "SUM", "TOTAL", "AVG", "GROUP_CONCAT", "STRING_AGG");

  /// @param sql with its parameters expanded
  /// @throws IllegalArgumentException where it cannot be followed, and why
  static SelectShape of(String sql) {
    SqlText text = new SqlText(sql);
    List<SqlText.Token> tokens = text.tokens();
    if (!text.verb().equals("SELECT")) {
      throw new IllegalArgumentException("a subscription wants a SELECT");
    }
    if (text.namesInternals()) {
      throw new IllegalArgumentException("names that begin with __ or sqlite_ are not for clients");
    }
    int from = -1;
    for (int i = 1; i < tokens.size(); i++) {
      SqlText.Token token = tokens.get(i);
      refuse(token, i + 1 < tokens.size() ? tokens.get(i + 1) : null);
      if (token.is("FROM") && from < 0) {
        from = i;
      }
    }
    if (from < 0 || from + 1 == tokens.size() || !tokens.get(from + 1).isName()) {
      throw new IllegalArgumentException("a subscription wants a table in FROM");
    }
    String label = tokens.get(from + 1).name();
    Table table =
        Table.of(label.toLowerCase(Locale.ROOT))
            .orElseThrow(() -> new IllegalArgumentException("no such table: " + label));
    checkTail(tokens.subList(from + 2, tokens.size()));
    int afterSelect = tokens.getFirst().end();
    int end = tokens.getLast().end();
    String rest = sql.substring(afterSelect, end);
    return new SelectShape(
        table, sql.substring(0, end), "SELECT rowid AS __rowid, " + keys(table) + ", " + rest);
  }

  private static void refuse(SqlText.Token token, SqlText.Token next) {
    if (token.kind() != SqlText.Kind.WORD) {
      return;
    }
    String word = token.text().toUpperCase(Locale.ROOT);
    if (word.equals("SELECT")) {
      throw new IllegalArgumentException("a subscription cannot hold a subquery");
    }
    boolean called = next != null && next.is("(");
    if (REFUSED.contains(word) || called && AGGREGATES.contains(word)) {
      throw new IllegalArgumentException("a subscription cannot hold " + word);
    }
  }

  /// What may follow the table: an alias, then WHERE or ORDER.
  private static void checkTail(List<SqlText.Token> tail) {
    int at = 0;
    if (at < tail.size() && tail.get(at).is("AS")) {
      at++;
    }
    if (at < tail.size()
        && tail.get(at).isName()
        && !tail.get(at).is("WHERE")
        && !tail.get(at).is("ORDER")) {
      at++;
    }
    if (at < tail.size() && !tail.get(at).is("WHERE") && !tail.get(at).is("ORDER")) {
      throw new IllegalArgumentException(
          "a subscription wants one table, then WHERE or nothing; got " + tail.get(at).text());
    }
  }

  /// The keys of a whole table.
  static SelectShape keysOf(Table table) {
    return new SelectShape(
        table, "", "SELECT rowid AS __rowid, " + keys(table) + ", 0 FROM " + table.label());
  }

  private static String keys(Table table) {
    return table.key().stream()
        .map(c -> c.sql() + " AS __key_" + c.name())
        .collect(Collectors.joining(", "));
  }

  /// The tracked query for one rowid, which is its only parameter.
  String byRowid() {
    return "SELECT * FROM (" + tracked + ") WHERE __rowid = ?";
  }

  int hiddenColumns() {
    return 1 + table.key().size();
  }
}
