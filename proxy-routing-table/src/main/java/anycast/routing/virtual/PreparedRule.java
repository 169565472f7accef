package anycast.routing.virtual;

import static java.nio.charset.StandardCharsets.UTF_8;

import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import java.util.List;

/// What of a rule can be worked out before there is a request.
///
/// @param prefixBytes length of the matched prefix, which a rewrite or redirect replaces, without a
///   slash at its end: `/a/` has 2, `/` has 0; -1 where the rule matches no prefix
/// @param shares running sums of the weights of `Forward.to`; empty for a redirect
/// @param prefix in place of the matched prefix, without a slash at its end; null = as it came
/// @param host in place of the host; null = as it came
/// @param request edits of the head that the instance reads
/// @param response edits of the head that the client reads
public record PreparedRule(
    int prefixBytes, long[] shares, byte[] prefix, byte[] host, Edits request, Edits response) {
  private static final long[] NO_SHARES = {};

  static PreparedRule of(Rule rule) {
    int prefixBytes =
        rule.match().path() instanceof PathMatch.Prefix(String text)
            ? withoutSlash(text).getBytes(UTF_8).length
            : -1;
    return switch (rule.action()) {
      case Action.Forward forward -> {
        String prefix = forward.rewrite() == null ? "" : forward.rewrite().prefix();
        String host = forward.rewrite() == null ? "" : forward.rewrite().host();
        yield new PreparedRule(
            prefixBytes,
            shares(forward.to()),
            prefix.isEmpty() ? null : withoutSlash(prefix).getBytes(UTF_8),
            host.isEmpty() ? null : host.getBytes(UTF_8),
            Edits.of(forward.request()),
            Edits.of(forward.response()));
      }
      case Action.Redirect _ ->
          new PreparedRule(prefixBytes, NO_SHARES, null, null, Edits.NONE, Edits.NONE);
    };
  }

  /// Which target a request falls to: the one into whose share `random` falls.
  ///
  /// @return index in `Forward.to`; -1 where all weights are 0, or there is none
  public int choose(long random) {
    long total = shares.length == 0 ? 0 : shares[shares.length - 1];
    if (total == 0) {
      return -1;
    }
    long point = Long.remainderUnsigned(random, total);
    int at = 0;
    while (shares[at] <= point) {
      at++;
    }
    return at;
  }

  /// `/a/` and `/a` are the same prefix.
  static String withoutSlash(String prefix) {
    return prefix.substring(0, lengthWithoutSlash(prefix));
  }

  static int lengthWithoutSlash(String prefix) {
    int end = prefix.length();
    while (end > 0 && prefix.charAt(end - 1) == '/') {
      end--;
    }
    return end;
  }

  private static long[] shares(List<Target> targets) {
    long[] shares = new long[targets.size()];
    long sum = 0;
    for (int i = 0; i < shares.length; i++) {
      sum += targets.get(i).weight();
      shares[i] = sum;
    }
    return shares;
  }

  /// Edits of a head as bytes. The arrays are the index's own: read only.
  public record Edits(List<byte[]> remove, List<Field> set, List<Field> add) {
    public static final Edits NONE = new Edits(List.of(), List.of(), List.of());

    static Edits of(HeaderEdits edits) {
      return edits.isEmpty()
          ? NONE
          : new Edits(
              edits.remove().stream().map(name -> name.getBytes(UTF_8)).toList(),
              edits.set().stream().map(Field::of).toList(),
              edits.add().stream().map(Field::of).toList());
    }

    public boolean isEmpty() {
      return remove.isEmpty() && set.isEmpty() && add.isEmpty();
    }

    /// One header; the name in lower case.
    public record Field(byte[] name, byte[] value) {
      static Field of(HeaderEdits.Field field) {
        return new Field(field.name().getBytes(UTF_8), field.value().getBytes(UTF_8));
      }
    }
  }
}
