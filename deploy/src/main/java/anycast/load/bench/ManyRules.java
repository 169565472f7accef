package anycast.load.bench;

/// A virtual service of 10,000 rules of all kinds, of which the last one in order takes what the
/// bench asks for: every match looks everywhere.
final class ManyRules {
  private static final int RULES = 10_000;

  private ManyRules() {}

  /// @param host the only one
  static String document(String host) {
    StringBuilder document = new StringBuilder(RULES * 110);
    document.append("hosts: [").append(host).append("]\nrules:\n");
    for (int i = 0; i < RULES - 1; i++) {
      String path = "/api/v%d/resource-%d".formatted(i % 9, i);
      String match =
          switch (i % 4) {
            case 0 -> "path: { exact: %s/items }".formatted(path);
            case 1 -> "path: { template: \"%s/{id}\" }".formatted(path);
            case 2 -> "path: { prefix: %s }".formatted(path);
            default -> "headers: { x-tenant: tenant-%d }".formatted(i);
          };
      document
          .append("  - { name: rule-%d, match: { %s }, ".formatted(i, match))
          .append("to: [ { selector: \"app=upload\" } ] }\n");
    }
    return document.append("  - { name: all, to: [ { selector: \"app=app\" } ] }\n").toString();
  }
}
