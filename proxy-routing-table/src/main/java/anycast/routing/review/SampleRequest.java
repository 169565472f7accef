package anycast.routing.review;

import static java.nio.charset.StandardCharsets.UTF_8;

import anycast.routing.model.rule.Condition;
import anycast.routing.model.rule.Match;
import anycast.routing.virtual.RequestView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// A request that a match takes, with no more in it than the match wants.
///
/// @param headers as the others, by name
public record SampleRequest(
    String method,
    String host,
    int port,
    String pathText,
    Map<String, String> headers,
    Map<String, String> parameters,
    Map<String, String> cookies)
    implements RequestView {
  private static final int HTTPS = 443;

  /// One that `match` takes.
  ///
  /// @param host exact or `*.`-wildcard
  public static SampleRequest of(String host, Match match) {
    TreeSet<String> methods = new TreeSet<>(match.methods());
    return new SampleRequest(
        methods.isEmpty() || methods.contains("GET") ? "GET" : methods.getFirst(),
        nameOf(host),
        match.port() == 0 ? HTTPS : match.port(),
        match.path().text().replaceAll("\\{([^/]*)}", "$1"),
        values(match.headers()),
        values(match.query()),
        values(match.cookies()));
  }

  /// A name that a client may ask for.
  public static String nameOf(String host) {
    return host.startsWith("*.") ? "any" + host.substring(1) : host;
  }

  private static Map<String, String> values(List<Condition> conditions) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Condition condition : conditions) {
      switch (condition.test()) {
        case EQUALS -> values.put(condition.name(), condition.value());
        case STARTS_WITH ->
            values.merge(condition.name(), condition.value(), SampleRequest::longer);
        case PRESENT -> values.putIfAbsent(condition.name(), "any");
        case ABSENT -> {}
      }
    }
    return values;
  }

  private static String longer(String one, String other) {
    return one.length() >= other.length() ? one : other;
  }

  /// One line for the operator.
  String text() {
    String query =
        parameters.entrySet().stream()
            .map(one -> one.getKey() + "=" + one.getValue())
            .collect(Collectors.joining("&"));
    StringBuilder text = new StringBuilder(method).append(' ');
    text.append(port == 80 ? "http://" : "https://").append(host);
    text.append(port == 80 || port == HTTPS ? "" : ":" + port).append(pathText);
    text.append(query.isEmpty() ? "" : "?" + query);
    headers.forEach((name, value) -> text.append(' ').append(name).append(": ").append(value));
    cookies.forEach(
        (name, value) -> text.append(" cookie ").append(name).append('=').append(value));
    return text.toString();
  }

  /// The name that it asks for, as it stands in a lookup.
  public byte[] hostBytes() {
    return host.getBytes(UTF_8);
  }

  @Override
  public byte[] path() {
    return pathText.getBytes(UTF_8);
  }

  @Override
  public int pathStart() {
    return 0;
  }

  @Override
  public int pathEnd() {
    return path().length;
  }

  @Override
  public CharSequence header(String name, int index) {
    return index == 0 ? headers.get(name) : null;
  }

  @Override
  public CharSequence query(String name, int index) {
    return index == 0 ? parameters.get(name) : null;
  }

  @Override
  public CharSequence cookie(String name, int index) {
    return index == 0 ? cookies.get(name) : null;
  }
}
