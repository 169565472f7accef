package anycast.routing.document;

import anycast.routing.model.rule.Poison;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// The built-in fault of a document.
final class PoisonReading {
  private PoisonReading() {}

  /// @param enabled whether such documents are followed here
  /// @return null where something is wrong with it
  static Poison poison(Value value, boolean enabled) {
    Block fault = value.block(Shape.FAULT, "a mapping such as { kind: throw, at: request }");
    if (!enabled) {
      value.problem("is not for this proxy: built-in faults are not enabled");
    }
    if (!fault.has("kind") || !fault.has("at")) {
      if (value.isMapping()) {
        value.problem("wants both `kind:` and `at:`");
      }
      return null;
    }
    Poison.Kind kind = one(fault.value("kind"), Poison.Kind.values());
    Poison.At at = one(fault.value("at"), Poison.At.values());
    return kind == null || at == null ? null : new Poison(kind, at);
  }

  private static <E extends Enum<E>> E one(Value value, E[] all) {
    String words = Arrays.stream(all).map(PoisonReading::word).collect(Collectors.joining(", "));
    String text = value.text("one of " + words);
    for (E each : all) {
      if (word(each).equals(text)) {
        return each;
      }
    }
    if (!text.isEmpty()) {
      value.problem("wants one of " + words + ", not " + value.kind());
    }
    return null;
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
