package anycast.routing.model;

import java.util.List;

/// What an app serves on some public ports.
///
/// @param id name within the app
/// @param ports public ports, e.g. 80 and 443
/// @param internalPort port of the app where the instance names none
/// @param protocol how the worker speaks to the app
/// @param forceHttps plain-text requests are answered with 301 to https
/// @param softLimit exchanges in flight on an instance above which others are preferred; 0 = none
/// @param hardLimit exchanges in flight on an instance above which the worker refuses; 0 = none
public record Service(
    AppId app,
    String id,
    List<Integer> ports,
    int internalPort,
    AppProtocol protocol,
    boolean forceHttps,
    int softLimit,
    int hardLimit,
    long generation,
    ServicePolicy policy)
    implements Entity {
  public Service {
    ports = List.copyOf(ports);
  }

  /// One with the usual policy.
  public Service(
      AppId app,
      String id,
      List<Integer> ports,
      int internalPort,
      AppProtocol protocol,
      boolean forceHttps,
      int softLimit,
      int hardLimit,
      long generation) {
    this(
        app,
        id,
        ports,
        internalPort,
        protocol,
        forceHttps,
        softLimit,
        hardLimit,
        generation,
        ServicePolicy.USUAL);
  }

  /// The last hop's protocol.
  public enum AppProtocol {
    HTTP1,
    /// HTTP/2 without TLS, by prior knowledge (RFC 9113 §3.3).
    H2C
  }

  @Override
  public ServiceKey key() {
    return new ServiceKey(app, id);
  }
}
