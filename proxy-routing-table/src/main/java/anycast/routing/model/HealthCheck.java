package anycast.routing.model;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// How the worker finds out whether an instance is ready: by a connection, by an HTTP answer, or by
/// a number in it.
///
/// @param port the worker dials; 0 = where the service's requests go
/// @param http null = a TCP connection is enough
/// @param graceNanos after the instance's start in which a failure does not count
/// @param rise passes in a row after which a failing instance is ready
/// @param fall failures in a row after which a ready instance is not
public record HealthCheck(
    int port,
    Http http,
    long intervalNanos,
    long timeoutNanos,
    long graceNanos,
    int rise,
    int fall) {
  /// @param tls whether the app speaks TLS
  /// @param serverName for TLS; empty = none
  /// @param verify whether the app's certificate is checked
  /// @param lag null = the status decides alone: 2xx passes
  public record Http(
      String method,
      String path,
      Map<String, String> headers,
      boolean tls,
      String serverName,
      boolean verify,
      Set<Integer> statuses,
      Lag lag) {
    public Http {
      headers = Map.copyOf(headers);
      statuses = Set.copyOf(statuses);
    }
  }

  /// Readiness by lag: a number that must not be above a bound.
  ///
  /// @param header that holds it; empty = in the JSON body
  /// @param field names on the way through the JSON body
  public record Lag(String header, List<String> field, double bound) {
    public Lag {
      field = List.copyOf(field);
    }
  }
}
