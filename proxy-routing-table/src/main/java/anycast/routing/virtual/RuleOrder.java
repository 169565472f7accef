package anycast.routing.virtual;

import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import java.util.Comparator;

/// Which of two rules a request follows that both take: the one that comes first here.
///
/// 1. an exact path before a template before a prefix;
/// 2. of two templates the one with a literal segment where, from the left, they differ first; of
///    two prefixes the longer one;
/// 3. one that names methods;
/// 4. more header conditions, then more cookie conditions, then more query conditions;
/// 5. one that names a port;
/// 6. the name of the virtual service, then the name of the rule.
///
/// The order in which rules were written counts for nothing. The order is total among rules whose
/// names differ: names are unique within a virtual service.
public final class RuleOrder {
  /// By all but names: two rules that are equal by it and take a request both leave it to their
  /// names which of them is followed.
  public static final Comparator<Match> BY_MATCH =
      Comparator.comparing(Match::path, RuleOrder::byPath)
          .thenComparing(match -> match.methods().isEmpty())
          .thenComparing(match -> -match.headers().size())
          .thenComparing(match -> -match.cookies().size())
          .thenComparing(match -> -match.query().size())
          .thenComparing(match -> match.port() == 0);

  /// The whole order.
  public static final Comparator<CompiledRule> MOST_SPECIFIC_FIRST =
      Comparator.<CompiledRule, Match>comparing(rule -> rule.rule().match(), BY_MATCH)
          .thenComparing(CompiledRule::service)
          .thenComparing(rule -> rule.rule().name());

  private RuleOrder() {}

  private static int byPath(PathMatch one, PathMatch other) {
    if (kind(one) != kind(other)) {
      return kind(one) - kind(other);
    }
    return switch (one) {
      case PathMatch.Exact _ -> 0;
      case PathMatch.Template(String text) -> byTemplate(text, other.text());
      case PathMatch.Prefix(String text) ->
          PreparedRule.withoutSlash(other.text()).length()
              - PreparedRule.withoutSlash(text).length();
    };
  }

  private static int kind(PathMatch path) {
    return switch (path) {
      case PathMatch.Exact _ -> 0;
      case PathMatch.Template _ -> 1;
      case PathMatch.Prefix _ -> 2;
    };
  }

  /// Templates with different numbers of segments take no request both; some order is needed to be
  /// an order.
  private static int byTemplate(String one, String other) {
    String[] a = Segments.of(one);
    String[] b = Segments.of(other);
    if (a.length != b.length) {
      return b.length - a.length;
    }
    for (int i = 0; i < a.length; i++) {
      if (Segments.isWild(a[i]) != Segments.isWild(b[i])) {
        return Segments.isWild(a[i]) ? 1 : -1;
      }
    }
    return 0;
  }
}
