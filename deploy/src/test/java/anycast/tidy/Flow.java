package anycast.tidy;

import anycast.tidy.ByteCode.Call;
import anycast.tidy.ByteCode.Id;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Which classes a `Runnable`, a `Supplier` and their like can come to: half the product has one,
/// so that a call of `run` would lead everywhere.
///
/// One goes from a class to another by an argument or a result of its type. A class with all its
/// nested ones is one place. What goes through a collection is not seen: it is found where the
/// lambda is made.
final class Flow {
  private final ByteCode code;

  /// By interface, then by place.
  private final Map<String, Map<String, Set<String>>> steps = new HashMap<>();

  private final Map<String, Set<String>> reached = new HashMap<>();

  Flow(ByteCode code) {
    this.code = code;
    code.types()
        .values()
        .forEach(type ->
            type.methods()
                .values()
                .forEach(method -> method.calls().forEach(call -> note(place(type.name()), call))));
  }

  /// A class with its nested ones, by the outermost one's name.
  static String place(String type) {
    int nested = type.indexOf('$');
    return nested < 0 ? type : type.substring(0, nested);
  }

  /// Whether it is one of the JDK's interfaces that anything may be.
  static boolean isFace(String type) {
    return type.startsWith("java/util/function/")
        || type.equals("java/lang/Runnable")
        || type.equals("java/util/concurrent/Callable")
        || type.equals("java/util/Comparator");
  }

  /// Whether one that was made in `from` can come to `to`.
  boolean leads(String face, String from, String to) {
    return reached.computeIfAbsent(face + " " + from, _ -> all(face, from)).contains(to);
  }

  private Set<String> all(String face, String from) {
    Map<String, Set<String>> edges = steps.getOrDefault(face, Map.of());
    Set<String> known = new HashSet<>(Set.of(from));
    Deque<String> open = new ArrayDeque<>(known);
    while (!open.isEmpty()) {
      for (String next : edges.getOrDefault(open.remove(), Set.of())) {
        if (known.add(next)) {
          open.add(next);
        }
      }
    }
    return known;
  }

  private void note(String caller, Call call) {
    Id to = call.to();
    int end = to.type().indexOf(')');
    for (String each : to.type().substring(1, end).split("[;\\[]")) {
      // primitive types may stand before it
      int start = each.indexOf('L');
      String face = start < 0 ? "" : each.substring(start + 1);
      if (isFace(face)) {
        owners(to.owner()).forEach(owner -> step(face, caller, owner));
      }
    }
    String result = to.type().substring(end + 1);
    if (result.startsWith("L") && isFace(result.substring(1, result.length() - 1))) {
      String face = result.substring(1, result.length() - 1);
      owners(to.owner()).forEach(owner -> step(face, owner, caller));
    }
  }

  private Set<String> owners(String type) {
    Set<String> below = code.below(type);
    return below.isEmpty() ? Set.of(type) : below;
  }

  private void step(String face, String from, String to) {
    steps
        .computeIfAbsent(face, _ -> new HashMap<>())
        .computeIfAbsent(place(from), _ -> new HashSet<>())
        .add(place(to));
  }
}
