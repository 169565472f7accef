package anycast.routing.virtual;

import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
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

  /// The whole order among the rules of one virtual service.
  static final Comparator<Rule> OF_ONE_SERVICE =
      Comparator.comparing(Rule::match, BY_MATCH).thenComparing(Rule::name);

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
          Segments.lengthWithoutSlash(other.text()) - Segments.lengthWithoutSlash(text);
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
  /// an order. Sorting 10,000 of them asks here a hundred thousand times: nothing is cut to pieces.
  private static int byTemplate(String one, String other) {
    int first = 0;
    int a = 0;
    int b = 0;
    while (a < one.length() && b < other.length()) {
      int aEnd = segmentEnd(one, a);
      int bEnd = segmentEnd(other, b);
      boolean wild = isWild(one, a, aEnd);
      if (first == 0 && wild != isWild(other, b, bEnd)) {
        first = wild ? 1 : -1;
      }
      a = aEnd;
      b = bEnd;
    }
    if (a < one.length() || b < other.length()) {
      return a < one.length() ? -1 : 1;
    }
    return first;
  }

  /// Where the segment ends whose slash is at `slash`.
  private static int segmentEnd(String path, int slash) {
    int end = path.indexOf('/', slash + 1);
    return end < 0 ? path.length() : end;
  }

  private static boolean isWild(String path, int slash, int end) {
    return end > slash + 2 && path.charAt(slash + 1) == '{' && path.charAt(end - 1) == '}';
  }
}
