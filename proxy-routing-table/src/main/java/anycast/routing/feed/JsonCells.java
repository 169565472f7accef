package anycast.routing.feed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Cells that hold JSON.
///
/// **Threading.** Pure. **Faults.** `IllegalArgumentException` with the column and what it wants.
final class JsonCells {
  /// A service listens on a handful of ports; a thousand is a mistake.
  private static final int MAX_PORTS = 64;

  /// Labels are copied into every version of an instance.
  private static final int MAX_LABELS = 64;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private JsonCells() {}

  static List<Integer> ports(String json) {
    if (json.equals("[]")) {
      return List.of();
    }
    JsonNode array = parsed("ports", json);
    if (!array.isArray() || array.size() > MAX_PORTS) {
      throw new IllegalArgumentException("ports wants an array of at most " + MAX_PORTS);
    }
    List<Integer> ports = new ArrayList<>(array.size());
    for (JsonNode item : array) {
      if (!item.isIntegralNumber() || !item.canConvertToInt()) {
        throw new IllegalArgumentException("ports wants numbers, got " + item);
      }
      int port = item.intValue();
      if (port < 1 || port > RowCodec.MAX_PORT) {
        throw new IllegalArgumentException(
            "ports wants 1 to " + RowCodec.MAX_PORT + ", got " + port);
      }
      ports.add(port);
    }
    return ports;
  }

  /// Immutable.
  static Map<String, String> labels(String json) {
    JsonNode object = parsed("labels", json);
    if (!object.isObject() || object.size() > MAX_LABELS) {
      throw new IllegalArgumentException("labels wants an object of at most " + MAX_LABELS);
    }
    Map<String, String> labels = new HashMap<>();
    for (Map.Entry<String, JsonNode> label : object.properties()) {
      if (!label.getValue().isValueNode() || label.getValue().isNull()) {
        throw new IllegalArgumentException("labels wants plain values, not at " + label.getKey());
      }
      labels.put(label.getKey(), label.getValue().asText());
    }
    return Map.copyOf(labels);
  }

  private static JsonNode parsed(String column, String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(column + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// The JSON of numbers, texts, and lists and maps of them.
  static String text(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
