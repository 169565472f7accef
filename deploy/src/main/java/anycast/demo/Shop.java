package anycast.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// The app `shop`, to which requests come by virtual services alone: one is a document, the other
/// is made by labels of instances.
final class Shop {
  static final String NAME = "shop";

  static final String HOST = "shop.demo.test";

  static final String LABELS_HOST = "labels.demo.test";

  /// Every request that is checked for: an instance that fails two checks in a row is left out
  /// within a second and a half, one that passes is in again at the next.
  private static final String CHECKS =
      """
      "checks": [{"interval": "500ms", "timeout": "2s", "grace": "0s", "rise": 1, "fall": 2,
        "http": {"path": "/health", "lag": {"header": "x-lag", "bound": 100}}}]
      """;

  private static final String BALANCE =
      """
      "balance": {"slow_start": "2s", "outlier": {"faults": 3, "eject": "2s", "max": "50%"}}
      """;

  private Shop() {}

  /// A row of services.
  ///
  /// @param ports public ones
  /// @param policy JSON
  record Service(
      String id, List<Integer> ports, int internalPort, int soft, int hard, String policy) {}

  static final List<Service> SERVICES =
      List.of(
          new Service(
              "web",
              List.of(80, 443),
              8080,
              100,
              500,
              "{"
                  + CHECKS
                  + ", "
                  + BALANCE
                  + ", \"retry\": {\"per_try\": \"2s\"}, \"queue\": {\"wait\": \"2s\", \"length\":"
                  + " 100}}"),
          new Service(
              "narrow", List.of(), 8081, 1, 2, "{\"queue\": {\"wait\": \"1s\", \"length\": 2}}"),
          new Service(
              "sticky",
              List.of(),
              8082,
              100,
              500,
              "{\"balance\": {\"affinity\": {\"kind\": \"cookie\", \"name\": \"cart\"}}}"));

  static final List<FleetPlan.Instance> INSTANCES =
      List.of(
          instance("shop-1", "wrk-fra-1", Map.of("role", "primary", "tier", "gold")),
          instance(
              "shop-2",
              "wrk-fra-2",
              Map.of("role", "replica", "tier", "silver", "route.host", LABELS_HOST)),
          instance(
              "shop-3",
              "wrk-iad-1",
              Map.of("role", "replica", "tier", "gold", "route.host", LABELS_HOST)),
          instance(
              "shop-4", "wrk-fra-1", Map.of("role", "replica", "tier", "silver", "canary", "yes")));

  private static FleetPlan.Instance instance(String id, String node, Map<String, String> labels) {
    return new FleetPlan.Instance(id, NAME, node, labels);
  }

  /// The virtual service's document.
  static String document() {
    try (InputStream in = Shop.class.getResourceAsStream("shop.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
