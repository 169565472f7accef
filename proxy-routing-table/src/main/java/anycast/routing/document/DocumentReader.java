package anycast.routing.document;

import anycast.routing.model.rule.Poison;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.poison.Strike;
import anycast.routing.virtual.RuleIndex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads the document of a virtual service.
///
/// ```yaml
/// hosts: [shop.example.com, "*.shop.example.com"]
/// rules:
///   - name: writes
///     match: { path: { prefix: /api }, methods: [POST, PUT] }
///     to: [ { selector: "app=shop, role=primary", port: 8080 } ]
///     wait: 2s
///   - to: [ { selector: "app=shop", weight: 95 }, { selector: "app=shop, canary", weight: 5 } ]
/// ```
///
/// Everything that is wrong is said at once. The resource `virtual-service.schema.json` beside this
/// class says the shape to editors; what one part of a document demands of another only this reader
/// knows.
///
/// **Threading.** Pure.
///
/// **Limits.** [#MAX_CHARS], [#MAX_HOSTS], [#MAX_RULES], [#MAX_VISITS], and one at each list; depth
/// and number of values in [TreeReader].
public final class DocumentReader {
  /// Ten thousand rules of 200 characters make 2 MB, and the next power of two leaves room for
  /// their names and headers.
  public static final int MAX_CHARS = 4 << 20;

  /// Each host is an entry in every proxy's index, some 150 bytes, however many rules it has.
  public static final int MAX_HOSTS = 256;

  /// Twice what the index was measured with on one host.
  public static final int MAX_RULES = 20_000;

  /// Places that one request makes the index look at: some 10 to 50 µs, as much as all else that an
  /// edge does for a small request. Documents of 10,000 rules that paths or values tell apart need
  /// a dozen.
  public static final int MAX_VISITS = 1_024;

  private DocumentReader() {}

  /// Reads all of it, as whoever has no built-in faults.
  public static DocumentRead read(String text) {
    return read(text, false);
  }

  /// Reads all of it.
  ///
  /// @param faults whether the document may have a built-in fault; one at [Poison.At#READ] strikes
  ///   here, when all else of the document is read
  public static DocumentRead read(String text, boolean faults) {
    Findings findings = new Findings();
    if (text.length() > MAX_CHARS) {
      findings.problem(0, 0, "", "has more than " + MAX_CHARS + " characters");
      return new DocumentRead.Invalid(findings.problems());
    }
    Tree tree = TreeReader.read(text, findings);
    RuleSet rules = RuleSet.NONE;
    if (tree != null) {
      Value top = new Value(tree, null, null, 0, findings);
      rules = ruleSet(top.block(Shape.DOCUMENT, "`hosts:` and `rules:`"), faults);
    }
    if (!findings.hasProblems()) {
      rules = RuleIndex.prepared(rules);
      cost(rules, findings);
      Strike.at(Poison.At.READ, rules);
    }
    return findings.hasProblems()
        ? new DocumentRead.Invalid(findings.problems())
        : new DocumentRead.Valid(rules, findings.warnings());
  }

  /// The rules of a document.
  ///
  /// **Faults.** `IllegalArgumentException` with the first problem, and how many more there are, on
  /// one line.
  public static RuleSet rules(String text) {
    return rules(text, false);
  }

  /// The same, with [#read(String, boolean)].
  public static RuleSet rules(String text, boolean faults) {
    return switch (read(text, faults)) {
      case DocumentRead.Valid valid -> valid.rules();
      case DocumentRead.Invalid(List<Problem> problems) -> {
        int more = problems.size() - 1;
        throw new IllegalArgumentException(
            problems.getFirst().text() + (more == 0 ? "" : " (and " + more + " more)"));
      }
    };
  }

  private static RuleSet ruleSet(Block document, boolean faults) {
    if (!document.has("hosts") || !document.has("rules")) {
      if (document.place().isMapping()) {
        document.problem("wants both `hosts:` and `rules:`");
      }
    }
    List<String> hosts = hosts(document.value("hosts"));
    List<Rule> rules = rules(document.value("rules"));
    if (document.has("fault")) {
      Poison poison = PoisonReading.poison(document.value("fault"), faults);
      rules.replaceAll(rule -> rule.poisoned(poison));
    }
    return new RuleSet(hosts, rules);
  }

  /// Cheap for every edge, or not in force on any.
  private static void cost(RuleSet rules, Findings findings) {
    int visits = RuleIndex.worstVisits(rules);
    if (visits > MAX_VISITS) {
      findings.problem(
          0,
          0,
          "rules",
          "make one request look at up to %,d places, of %,d at most: rules on one path want values of one header, cookie or parameter, templates fix the same segments"
              .formatted(visits, MAX_VISITS));
    }
  }

  private static List<String> hosts(Value value) {
    List<String> hosts = new ArrayList<>();
    if (value == null) {
      return hosts;
    }
    List<Value> items = value.list(MAX_HOSTS, "hosts");
    Set<String> seen = new HashSet<>();
    for (Value item : items) {
      String host = Texts.host(item, true);
      if (!host.isEmpty() && !seen.add(host)) {
        item.problem("stands here twice");
      }
      hosts.add(host);
    }
    noneIsWrong(value, items, "host");
    return hosts;
  }

  private static List<Rule> rules(Value value) {
    List<Rule> rules = new ArrayList<>();
    if (value == null) {
      return rules;
    }
    List<Value> items = value.list(MAX_RULES, "rules");
    Set<String> names = new HashSet<>();
    for (Value item : items) {
      Rule rule = RuleReading.rule(item, rules.size() + 1);
      if (!rule.name().isEmpty() && !names.add(rule.name())) {
        item.problem("another rule has the name '" + rule.name() + "', too");
      }
      rules.add(rule);
    }
    noneIsWrong(value, items, "rule");
    return rules;
  }

  static void noneIsWrong(Value value, List<Value> items, String what) {
    if (items.isEmpty() && value.tree() instanceof Tree.Sequence) {
      value.problem("wants at least one " + what);
    }
  }
}
