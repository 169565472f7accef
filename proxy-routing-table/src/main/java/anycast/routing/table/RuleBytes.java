package anycast.routing.table;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.LabelSelector.Requirement;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import anycast.routing.virtual.CompiledRule;
import java.util.Collection;
import java.util.List;

/// About how many bytes rules take on the heap, with what their documents' reader made for them:
/// objects with heads of 12 bytes, references of 4.
///
/// **Threading.** Pure; walks over the rules, some 0.2 µs each.
final class RuleBytes {
  private static final int RECORD = 24;
  private static final int LARGE_RECORD = 40;
  private static final int TEXT = 42;
  private static final int ARRAY = 18;
  private static final int REFERENCE = 4;

  private RuleBytes() {}

  /// A document's text.
  static long document(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xff) {
        return TEXT + 2L * text.length();
      }
    }
    return TEXT + (long) text.length();
  }

  /// As a document's reader makes them.
  static long read(Collection<Rule> rules) {
    long bytes = list(rules);
    for (Rule rule : rules) {
      bytes += RECORD + text(rule.name()) + of(rule.match()) + of(rule.action());
    }
    return bytes;
  }

  /// What is made of them beside indexes.
  static long compiled(Collection<CompiledRule> rules) {
    long bytes = list(rules);
    for (CompiledRule rule : rules) {
      bytes += LARGE_RECORD + text(rule.name()) + 2 * ARRAY;
      bytes += REFERENCE * (rule.to().length + rule.fallback().length);
    }
    return bytes;
  }

  private static long of(Match match) {
    long bytes = LARGE_RECORD + ARRAY + text(match.path().text()) + texts(match.methods());
    for (List<Condition> conditions : List.of(match.headers(), match.query(), match.cookies())) {
      bytes += list(conditions);
      for (Condition each : conditions) {
        bytes += RECORD + text(each.name()) + text(each.value());
      }
    }
    return bytes;
  }

  private static long of(Action action) {
    return switch (action) {
      case Action.Forward forward -> {
        long bytes = LARGE_RECORD + of(forward.to()) + of(forward.fallback());
        bytes += forward.mirror() == null ? 0 : RECORD + of(List.of(forward.mirror().to()));
        bytes += of(forward.request()) + of(forward.response());
        bytes += forward.terms() == Terms.OF_SERVICE ? 0 : LARGE_RECORD;
        if (forward.rewrite() != null) {
          bytes += RECORD + text(forward.rewrite().prefix()) + text(forward.rewrite().host());
        }
        yield bytes;
      }
      case Action.Redirect redirect ->
          LARGE_RECORD + text(redirect.scheme()) + text(redirect.host()) + text(redirect.path());
    };
  }

  private static long of(List<Target> targets) {
    long bytes = list(targets);
    for (Target target : targets) {
      bytes += RECORD + of(target.selector());
    }
    return bytes;
  }

  private static long of(LabelSelector selector) {
    long bytes = ARRAY + list(selector.requirements());
    for (Requirement each : selector.requirements()) {
      bytes += RECORD + text(each.key());
      bytes +=
          switch (each) {
            case Requirement.In(_, var values) -> texts(values);
            case Requirement.NotIn(_, var values) -> texts(values);
            case Requirement.Present _, Requirement.Absent _ -> 0;
          };
    }
    return bytes;
  }

  private static long of(HeaderEdits edits) {
    if (edits.isEmpty()) {
      return 0;
    }
    long bytes = RECORD + texts(edits.remove()) + list(edits.set()) + list(edits.add());
    for (List<HeaderEdits.Field> fields : List.of(edits.set(), edits.add())) {
      for (HeaderEdits.Field field : fields) {
        bytes += RECORD + text(field.name()) + text(field.value());
      }
    }
    return bytes;
  }

  private static long texts(Collection<String> texts) {
    long bytes = list(texts);
    for (String text : texts) {
      bytes += text(text);
    }
    return bytes;
  }

  /// Of one that is empty there is one for all.
  private static long list(Collection<?> of) {
    return of.isEmpty() ? 0 : RECORD + (of.size() <= 2 ? 0 : ARRAY + REFERENCE * (long) of.size());
  }

  /// Rules are mostly ASCII.
  private static long text(String text) {
    return text.isEmpty() ? 0 : TEXT + (long) text.length();
  }
}
