package anycast.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the fleet consists of. Two regions; two workers in the first, so that one of them can be
/// lost.
public final class FleetPlan {
  private FleetPlan() {}

  public record Proxy(String name, String region) {}

  public record App(String name, AppProtocol protocol, boolean forceHttps) {}

  /// @param labels that virtual services select it by
  public record Instance(String id, String app, String node, Map<String, String> labels) {
    public Instance {
      labels = Map.copyOf(labels);
    }

    public Instance(String id, String app, String node) {
      this(id, app, node, Map.of());
    }
  }

  public record Host(String name, String app) {
    /// A name that a client asks for to get here.
    String example() {
      return name.startsWith("*.") ? "any" + name.substring(1) : name;
    }
  }

  static final List<Proxy> EDGES =
      List.of(new Proxy("edge-fra-1", "fra"), new Proxy("edge-iad-1", "iad"));

  static final List<Proxy> WORKERS =
      List.of(
          new Proxy("wrk-fra-1", "fra"),
          new Proxy("wrk-fra-2", "fra"),
          new Proxy("wrk-iad-1", "iad"));

  static final List<App> APPS =
      List.of(
          new App("hello", AppProtocol.HTTP1, true),
          new App("echo", AppProtocol.H2C, true),
          new App("wild", AppProtocol.HTTP1, false),
          new App(Shop.NAME, AppProtocol.HTTP1, false));

  /// `wild` is in one region only, so that the other edge must cross.
  static final List<Instance> INSTANCES =
      instances(
          new Instance("hello-1", "hello", "wrk-fra-1"),
          new Instance("hello-2", "hello", "wrk-fra-2"),
          new Instance("hello-3", "hello", "wrk-iad-1"),
          new Instance("echo-1", "echo", "wrk-fra-1"),
          new Instance("echo-2", "echo", "wrk-iad-1"),
          new Instance("wild-1", "wild", "wrk-iad-1"));

  static final List<Host> HOSTS =
      List.of(
          new Host("hello.demo.test", "hello"),
          new Host("echo.demo.test", "echo"),
          new Host("*.wild.demo.test", "wild"));

  /// Hosts of virtual services, which no app has.
  static final List<String> VIRTUAL_HOSTS = List.of(Shop.HOST, Shop.LABELS_HOST);

  private static List<Instance> instances(Instance... others) {
    List<Instance> all = new ArrayList<>(List.of(others));
    all.addAll(Shop.INSTANCES);
    return List.copyOf(all);
  }

  static App app(String name) {
    return APPS.stream().filter(app -> app.name().equals(name)).findFirst().orElseThrow();
  }

  static String region(String worker) {
    return WORKERS.stream().filter(w -> w.name().equals(worker)).findFirst().orElseThrow().region();
  }
}
