package anycast.routing.review;

/// A rule as an operator names it.
///
/// @param service name of its virtual service
public record RuleName(String service, String rule) implements Comparable<RuleName> {
  @Override
  public int compareTo(RuleName other) {
    int byService = service.compareTo(other.service);
    return byService != 0 ? byService : rule.compareTo(other.rule);
  }

  @Override
  public String toString() {
    return service + "/" + rule;
  }
}
