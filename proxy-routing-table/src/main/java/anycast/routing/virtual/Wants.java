package anycast.routing.virtual;

import anycast.routing.model.rule.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What a rule wants of a request beside its path, less what is proven on the way to it.
///
/// @param rank the rule's place in the order
/// @param methods empty = any
/// @param port 0 = any
record Wants(int rank, Set<String> methods, int port, List<Check> checks) {
  static Wants of(int rank, Match match) {
    List<Check> checks = new ArrayList<>();
    match.headers().forEach(one -> checks.add(new Check(Check.Place.HEADER, one)));
    match.cookies().forEach(one -> checks.add(new Check(Check.Place.COOKIE, one)));
    match.query().forEach(one -> checks.add(new Check(Check.Place.QUERY, one)));
    return new Wants(rank, match.methods(), match.port(), List.copyOf(checks));
  }

  boolean isAnything() {
    return methods.isEmpty() && port == 0 && checks.isEmpty();
  }

  Wants withoutMethods() {
    return new Wants(rank, Set.of(), port, checks);
  }

  Wants withoutPort() {
    return new Wants(rank, methods, 0, checks);
  }

  Wants without(Check proven) {
    List<Check> left = new ArrayList<>(checks);
    left.remove(proven);
    return new Wants(rank, methods, port, List.copyOf(left));
  }
}
