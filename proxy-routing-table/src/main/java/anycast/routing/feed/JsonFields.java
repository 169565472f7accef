package anycast.routing.feed;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The fields of one JSON object, each asked for once; what nobody asked for is unknown.
///
/// **Threading.** Its owner's. **Faults.** `IllegalArgumentException` that names the field by the
/// way to it.
final class JsonFields {
  /// No length that a request meets is longer; a number without its unit would be.
  private static final long MAX_NANOS = 24L * 3_600 * 1_000_000_000L;

  private final String path;
  private final JsonNode object;
  private final Set<String> rest = new LinkedHashSet<>();

  /// @param path for sentences, as `policy.queue`
  /// @param node null = an object without fields
  JsonFields(String path, JsonNode node) {
    this.path = path;
    this.object = node;
    if (node != null) {
      if (!node.isObject()) {
        throw new IllegalArgumentException(path + " wants an object");
      }
      node.fieldNames().forEachRemaining(rest::add);
    }
  }

  /// Nothing more is known.
  void end() {
    if (!rest.isEmpty()) {
      throw unfit(rest.iterator().next(), "is unknown");
    }
  }

  boolean has(String name) {
    return object != null && object.has(name);
  }

  /// The object under a name; where there is none, one without fields.
  JsonFields object(String name) {
    return new JsonFields(path + "." + name, take(name));
  }

  /// @param most elements
  List<JsonFields> objects(String name, int most) {
    List<JsonFields> all = new ArrayList<>();
    for (JsonNode item : array(name, most)) {
      all.add(new JsonFields(path + "." + name + "[" + all.size() + "]", item));
    }
    return all;
  }

  int number(String name, int least, int most, int usual) {
    JsonNode node = take(name);
    return node == null ? usual : number(name, node, least, most);
  }

  /// @param most elements
  List<Integer> numbers(String name, int most, int least, int highest) {
    List<Integer> all = new ArrayList<>();
    for (JsonNode item : array(name, most)) {
      all.add(number(name, item, least, highest));
    }
    return all;
  }

  /// @param most elements
  List<String> texts(String name, int most) {
    List<String> all = new ArrayList<>();
    for (JsonNode item : array(name, most)) {
      if (!item.isTextual()) {
        throw unfit(name, "wants texts");
      }
      all.add(item.textValue());
    }
    return all;
  }

  /// @param most entries
  Map<String, String> map(String name, int most) {
    JsonNode node = take(name);
    Map<String, String> all = new HashMap<>();
    if (node == null) {
      return all;
    }
    if (!node.isObject() || node.size() > most) {
      throw unfit(name, "wants an object of at most " + most);
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getValue().isTextual()) {
        throw unfit(name + "." + entry.getKey(), "wants text");
      }
      all.put(entry.getKey(), entry.getValue().textValue());
    }
    return all;
  }

  double fraction(String name) {
    JsonNode node = take(name);
    if (node == null || !node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw unfit(name, "wants a number");
    }
    return node.doubleValue();
  }

  /// `20` or `"20%"`.
  int percent(String name, int most, int usual) {
    JsonNode node = take(name);
    if (node == null) {
      return usual;
    }
    if (!node.isTextual()) {
      return number(name, node, 0, most);
    }
    String text = node.textValue();
    int length = text.length() - 1;
    int value = 0;
    for (int i = 0; i < length && value <= most; i++) {
      char c = text.charAt(i);
      value = c < '0' || c > '9' ? Integer.MAX_VALUE : value * 10 + (c - '0');
    }
    if (length < 1 || text.charAt(length) != '%' || value > most) {
      throw unfit(name, "wants 0% to " + most + "%, got '" + text + "'");
    }
    return value;
  }

  /// `"250ms"`, `"10s"`, `"5m"`, or `0`.
  ///
  /// @return nanoseconds
  long duration(String name, long usual) {
    JsonNode node = take(name);
    if (node == null) {
      return usual;
    }
    if (node.isIntegralNumber() && node.longValue() == 0) {
      return 0;
    }
    long nanos = node.isTextual() ? Lengths.nanos(node.textValue()) : -1;
    if (nanos < 0 || nanos > MAX_NANOS) {
      throw unfit(name, "wants a length of time up to 24h such as '250ms' or '10s', got " + node);
    }
    return nanos;
  }

  String text(String name, String usual) {
    JsonNode node = take(name);
    if (node == null) {
      return usual;
    }
    if (!node.isTextual()) {
      throw unfit(name, "wants text");
    }
    return node.textValue();
  }

  boolean flag(String name, boolean usual) {
    JsonNode node = take(name);
    if (node == null) {
      return usual;
    }
    if (!node.isBoolean()) {
      throw unfit(name, "wants true or false");
    }
    return node.booleanValue();
  }

  <E extends Enum<E>> E oneOf(String name, E usual) {
    String text = text(name, null);
    if (text == null) {
      return usual;
    }
    for (E constant : usual.getDeclaringClass().getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
        return constant;
      }
    }
    throw unfit(name, "has the unknown value '" + text + "'");
  }

  /// What is wrong with a field.
  IllegalArgumentException unfit(String name, String why) {
    return new IllegalArgumentException(path + "." + name + " " + why);
  }

  private JsonNode take(String name) {
    rest.remove(name);
    return object == null ? null : object.get(name);
  }

  private Iterable<JsonNode> array(String name, int most) {
    JsonNode node = take(name);
    if (node == null) {
      return List.of();
    }
    if (!node.isArray() || node.size() > most) {
      throw unfit(name, "wants an array of at most " + most);
    }
    return node;
  }

  private int number(String name, JsonNode node, int least, int most) {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw unfit(name, "wants a whole number, got " + node);
    }
    int value = node.intValue();
    if (value < least || value > most) {
      throw unfit(name, "wants " + least + " to " + most + ", got " + value);
    }
    return value;
  }
}
