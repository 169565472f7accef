package anycast.routing.document;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// What a document's rules may cost each request.
final class DocumentCostTest {
  @Test
  void tenThousandRulesThatPathsOrValuesTellApartAreCheap() {
    assertInstanceOf(
        DocumentRead.Valid.class,
        read(10_000, i -> "path: { template: \"/a%d/{x}/b%d\" }".formatted(i % 100, i)));
    assertInstanceOf(
        DocumentRead.Valid.class,
        read(10_000, i -> "headers: { x-tenant: t%d, x-tier: t%d }".formatted(i, i % 3)));
  }

  @Test
  void rulesThatMakeARequestLookEverywhereAreRefused() {
    assertRefused(read(2_000, i -> "headers: { x-%d: v }".formatted(i)));
    // Each of twelve segments fixed or not, in every combination.
    assertRefused(
        read(
            4_095,
            i -> {
              StringBuilder path = new StringBuilder();
              for (int bit = 0; bit < 12; bit++) {
                path.append((i + 1 >> bit & 1) == 0 ? "/a" : "/{x" + bit + "}");
              }
              return "path: { template: \"" + path + "/b\" }";
            }));
  }

  /// Hosts share the index, so rules and hosts have a bound each and no other together.
  @Test
  void asManyRulesAsThereMayBeStandOnAsManyHosts() {
    StringBuilder document = new StringBuilder("hosts: [h0.cost.test");
    for (int i = 1; i < DocumentReader.MAX_HOSTS; i++) {
      document.append(", h").append(i).append(".cost.test");
    }
    document.append("]\nrules:\n");
    for (int i = 0; i < DocumentReader.MAX_RULES; i++) {
      document.append("  - { name: r%d, match: { path: { prefix: /%d } },".formatted(i, i));
      document.append(" to: [ { selector: app=a } ] }\n");
    }
    assertInstanceOf(DocumentRead.Valid.class, DocumentReader.read(document.toString()));
  }

  private static void assertRefused(DocumentRead read) {
    DocumentRead.Invalid invalid = assertInstanceOf(DocumentRead.Invalid.class, read);
    String said = invalid.problems().getFirst().text();
    assertTrue(said.contains("look at up to"), said);
  }

  private static DocumentRead read(int rules, IntFunction<String> match) {
    StringBuilder document = new StringBuilder("hosts: [cost.test]\nrules:\n");
    for (int i = 0; i < rules; i++) {
      document
          .append("  - { name: r%d, match: { %s },".formatted(i, match.apply(i)))
          .append(" to: [ { selector: app=a } ] }\n");
    }
    return DocumentReader.read(document.toString());
  }
}
