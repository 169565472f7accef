package anycast.routing.feed.sqlite;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// One statement with the values of its parameters, read from any of the four JSON forms.
///
/// @param values by position, from 1; a parameter that got no value is null, as in SQLite
record SqlStatement(SqlText text, List<Object> values) {
  /// SQLite's own bound (SQLITE_MAX_VARIABLE_NUMBER).
  private static final int MAX_PARAMETERS = 32_766;

  /// The JSON is none of the four forms.
  static final class ShapeException extends Exception {
    private static final long serialVersionUID = 1L;

    ShapeException(String message) {
      super(message);
    }
  }

  /// @throws ShapeException where the JSON is no statement
  /// @throws IllegalArgumentException where the SQL cannot be one
  static SqlStatement of(JsonNode json) throws ShapeException {
    if (json.isTextual()) {
      return positional(json.asText(), List.of());
    }
    if (json.isArray()) {
      if (json.isEmpty() || json.size() > 2 || !json.get(0).isTextual()) {
        throw new ShapeException("a statement wants [\"SQL\"] or [\"SQL\", parameters]");
      }
      String sql = json.get(0).asText();
      return json.size() == 1 ? positional(sql, List.of()) : withParameters(sql, json.get(1));
    }
    if (json.isObject() && json.path("query").isTextual()) {
      String sql = json.get("query").asText();
      JsonNode params = json.path("params");
      JsonNode named = json.path("named_params");
      if (params.isArray()) {
        return withParameters(sql, params);
      }
      return named.isObject() ? withParameters(sql, named) : positional(sql, List.of());
    }
    throw new ShapeException("a statement wants a text, an array or an object with \"query\"");
  }

  private static SqlStatement withParameters(String sql, JsonNode params) throws ShapeException {
    if (params.isArray()) {
      List<Object> values = new ArrayList<>();
      params.forEach(p -> values.add(value(p)));
      return positional(sql, values);
    }
    if (params.isObject()) {
      Map<String, Object> values = new HashMap<>();
      params.properties().forEach(p -> values.put(p.getKey(), value(p.getValue())));
      SqlText text = new SqlText(sql);
      List<Object> byPosition = new ArrayList<>();
      Numbering numbering = new Numbering();
      for (SqlText.Token token : text.tokens()) {
        if (token.kind() == SqlText.Kind.PARAMETER) {
          int position = numbering.position(token.text());
          while (byPosition.size() < position) {
            byPosition.add(null);
          }
          byPosition.set(position - 1, values.get(token.text()));
        }
      }
      return new SqlStatement(text, byPosition);
    }
    throw new ShapeException("parameters want an array or an object");
  }

  private static SqlStatement positional(String sql, List<Object> values) {
    SqlText text = new SqlText(sql);
    int wanted = new Numbering().count(text);
    if (values.size() > wanted) {
      throw new IllegalArgumentException(
          "the statement has " + wanted + " parameters, got " + values.size());
    }
    return new SqlStatement(text, values);
  }

  private static Object value(JsonNode json) {
    if (json.isNull()) {
      return null;
    }
    if (json.isTextual()) {
      return json.asText();
    }
    if (json.isBoolean()) {
      return json.asBoolean() ? 1L : 0L;
    }
    if (json.isIntegralNumber() && json.canConvertToLong()) {
      return json.asLong();
    }
    if (json.isNumber()) {
      return json.asDouble();
    }
    byte[] bytes = json.isArray() ? bytes(json) : null;
    return bytes == null ? json.toString() : bytes;
  }

  private static byte[] bytes(JsonNode array) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(array.size());
    for (JsonNode item : array) {
      if (!item.isIntegralNumber() || item.asLong() < 0 || item.asLong() > 255) {
        return null;
      }
      out.write(item.asInt());
    }
    return out.toByteArray();
  }

  /// The SQL with its values written into it: equal for equal queries.
  String expanded() {
    StringBuilder out = new StringBuilder();
    Numbering numbering = new Numbering();
    int copied = 0;
    for (SqlText.Token token : text.tokens()) {
      if (token.kind() == SqlText.Kind.PARAMETER) {
        int position = numbering.position(token.text());
        Object value = position <= values.size() ? values.get(position - 1) : null;
        out.append(text.sql(), copied, token.start()).append(literal(value));
        copied = token.end();
      }
    }
    return out.append(text.sql().substring(copied)).toString();
  }

  private static String literal(Object value) {
    return switch (value) {
      case null -> "NULL";
      case String s -> "'" + s.replace("'", "''") + "'";
      case byte[] b -> "X'" + HexFormat.of().formatHex(b) + "'";
      default -> value.toString();
    };
  }

  /// Numbers parameters as SQLite does.
  private static final class Numbering {
    private final Map<String, Integer> named = new HashMap<>();
    private int highest;

    int position(String token) {
      int position;
      if (token.equals("?")) {
        position = highest + 1;
      } else if (token.startsWith("?")) {
        position = explicit(token);
      } else {
        position = named.computeIfAbsent(token, _ -> highest + 1);
      }
      if (position < 1 || position > MAX_PARAMETERS) {
        throw new IllegalArgumentException("the parameter " + token + " is out of range");
      }
      highest = Math.max(highest, position);
      return position;
    }

    private static int explicit(String token) {
      try {
        return Integer.parseInt(token.substring(1));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("the parameter " + token + " is no number", e);
      }
    }

    int count(SqlText text) {
      for (SqlText.Token token : text.tokens()) {
        if (token.kind() == SqlText.Kind.PARAMETER) {
          position(token.text());
        }
      }
      return highest;
    }
  }
}
