package anycast.routing.document;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A mapping whose keys are known; the others are noted when it is made.
final class Block {
  private final Value value;
  private final Map<String, Value> values = new HashMap<>();

  Block(Value value, Shape shape, List<Value.Named> entries) {
    this.value = value;
    for (Value.Named entry : entries) {
      if (shape.keys().contains(entry.name())) {
        values.put(entry.name(), entry.value());
      } else {
        String nearest = shape.nearest(entry.name());
        entry.problem(
            "is not known here; "
                + (nearest.isEmpty()
                    ? "known are " + String.join(", ", shape.keys())
                    : "is '" + nearest + "' meant?"));
      }
    }
  }

  /// @return null where it is not there
  Value value(String key) {
    return values.get(key);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /// Where the block begins.
  Value place() {
    return value;
  }

  void problem(String message) {
    value.problem(message);
  }

  void warning(String message) {
    value.warning(message);
  }
}
