package anycast.routing.table;

import anycast.routing.document.DocumentReader;
import anycast.routing.model.VirtualService;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Virtual services for tests, read from documents.
final class Documents {
  private static long generation;

  private Documents() {}

  /// A new version, with rules on prefixes.
  static VirtualService of(String name, int rules, List<String> hosts) {
    return of(name, rules, hosts, i -> "path: { prefix: /%s-%d }".formatted(name, i));
  }

  /// @param match of each rule, in flow style
  static VirtualService of(String name, int rules, List<String> hosts, IntFunction<String> match) {
    return of(name, rules, hosts, match, _ -> "app=shop");
  }

  static VirtualService of(
      String name,
      int rules,
      List<String> hosts,
      IntFunction<String> match,
      IntFunction<String> selector) {
    StringBuilder document = new StringBuilder("# version " + ++generation + "\nhosts:\n");
    hosts.forEach(host -> document.append("  - \"").append(host).append("\"\n"));
    document.append("rules:\n");
    for (int i = 0; i < rules; i++) {
      document.append(
          "  - { name: r%d, match: { %s }, to: [ { selector: \"%s\" } ] }\n"
              .formatted(i, match.apply(i), selector.apply(i)));
    }
    return read(name, document.toString());
  }

  static VirtualService read(String name, String document) {
    return new VirtualService(name, document, ++generation, DocumentReader.rules(document));
  }

  /// `h0.test`, `h1.test`, ...
  static List<String> hosts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "h" + i + ".test").toList();
  }
}
