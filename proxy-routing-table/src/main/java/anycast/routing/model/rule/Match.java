package anycast.routing.model.rule;

import java.util.List;
import java.util.Set;

/// The requests that a rule is for: all parts must hold.
///
/// @param methods any of these; empty = every method
/// @param headers names in lower case
/// @param port public port; 0 = any
public record Match(
    PathMatch path,
    Set<String> methods,
    List<Condition> headers,
    List<Condition> query,
    List<Condition> cookies,
    int port) {
  /// Every request.
  public static final Match ALL =
      new Match(new PathMatch.Prefix("/"), Set.of(), List.of(), List.of(), List.of(), 0);

  public Match {
    methods = Set.copyOf(methods);
    headers = List.copyOf(headers);
    query = List.copyOf(query);
    cookies = List.copyOf(cookies);
  }
}
