package anycast.routing.feed;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Rows to entities and back. A row is hostile until it is decoded: whatever is wrong with it
/// becomes a [Decoded.Undecodable] that says which column and why, never an exception.
///
/// **Threading.** Pure.
public final class RowCodec {
  /// A service listens on a handful of ports; a thousand is a mistake.
  private static final int MAX_PORTS = 64;

  /// Labels are copied into every version of an instance.
  private static final int MAX_LABELS = 64;

  private static final int MAX_PORT = 65_535;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private RowCodec() {}

  /// Reads a row of `table`.
  public static Decoded decode(Table table, Cells cells) {
    return switch (cells) {
      case Cells.Unreadable(String reason) -> new Decoded.Undecodable(Legible.text(reason));
      case Cells.Values(List<Object> values) -> decode(table, values);
    };
  }

  private static Decoded decode(Table table, List<Object> values) {
    int wanted = table.columns().size();
    if (values.size() != wanted) {
      return new Decoded.Undecodable("wants " + wanted + " cells, got " + values.size());
    }
    try {
      return decoded(table, new RowReader(table, values));
    } catch (IllegalArgumentException e) {
      return new Decoded.Undecodable(Legible.text(e.getMessage()));
    }
  }

  private static Decoded.Usable decoded(Table table, RowReader row) {
    return switch (table) {
      case APPS -> routed(new App(new AppId(row.text("name")), row.number("gen")));
      case SERVICES -> routed(service(row));
      case INSTANCES -> routed(instance(row));
      case NODES -> routed(node(row));
      case HOSTNAMES ->
          routed(new Hostname(row.text("name"), new AppId(row.text("app")), row.number("gen")));
      case CERTIFICATES ->
          routed(
              new Certificate(
                  row.filled("name"), row.filled("chain"), row.filled("key"), row.number("gen")));
      case VIRTUAL_SERVICES ->
          routed(new VirtualService(row.filled("name"), row.text("document"), row.number("gen")));
      case APP_REGIONS ->
          routed(
              new AppRegion(
                  new AppId(row.text("app")),
                  new NodeId(row.text("node")),
                  new RegionCode(row.text("region")),
                  row.within("instances", 0, Integer.MAX_VALUE),
                  row.number("gen")));
      case BEATS ->
          new Decoded.Beat(
              new NodeId(row.text("node")),
              row.number("seq"),
              row.number("at_ms"),
              row.number("age_ms"));
    };
  }

  private static Decoded.Routed routed(Entity entity) {
    return new Decoded.Routed(entity);
  }

  private static Service service(RowReader row) {
    return new Service(
        new AppId(row.text("app")),
        row.filled("id"),
        ports(row.text("ports")),
        row.within("internal_port", 0, MAX_PORT),
        row.oneOf("protocol", Service.AppProtocol.class),
        row.number("force_https") != 0,
        row.within("soft", 0, Integer.MAX_VALUE),
        row.within("hard", 0, Integer.MAX_VALUE),
        row.number("gen"));
  }

  private static Instance instance(RowReader row) {
    return new Instance(
        new InstanceId(row.text("id")),
        new AppId(row.text("app")),
        new NodeId(row.text("node")),
        new RegionCode(row.text("region")),
        row.filled("address"),
        row.within("port", 0, MAX_PORT),
        row.oneOf("state", Instance.State.class),
        labels(row.text("labels")),
        row.number("gen"));
  }

  private static Node node(RowReader row) {
    Node.Role role = row.oneOf("role", Node.Role.class);
    String backhaul = row.text("backhaul");
    if (role == Node.Role.WORKER) {
      int colon = backhaul.lastIndexOf(':');
      if (colon < 1 || !isPort(backhaul.substring(colon + 1))) {
        throw new IllegalArgumentException("backhaul wants host:port, got '" + backhaul + "'");
      }
    }
    return new Node(
        new NodeId(row.text("id")),
        new RegionCode(row.text("region")),
        role,
        backhaul,
        row.number("gen"));
  }

  private static boolean isPort(String text) {
    if (text.isEmpty() || text.length() > 5) {
      return false;
    }
    int port = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      port = port * 10 + (c - '0');
    }
    return port >= 1 && port <= MAX_PORT;
  }

  private static List<Integer> ports(String json) {
    JsonNode array = parsed("ports", json);
    if (!array.isArray() || array.size() > MAX_PORTS) {
      throw new IllegalArgumentException("ports wants an array of at most " + MAX_PORTS);
    }
    List<Integer> ports = new ArrayList<>(array.size());
    for (JsonNode item : array) {
      if (!item.isIntegralNumber() || !item.canConvertToInt()) {
        throw new IllegalArgumentException("ports wants numbers, got " + item);
      }
      int port = item.intValue();
      if (port < 1 || port > MAX_PORT) {
        throw new IllegalArgumentException("ports wants 1 to " + MAX_PORT + ", got " + port);
      }
      ports.add(port);
    }
    return ports;
  }

  private static Map<String, String> labels(String json) {
    JsonNode object = parsed("labels", json);
    if (!object.isObject() || object.size() > MAX_LABELS) {
      throw new IllegalArgumentException("labels wants an object of at most " + MAX_LABELS);
    }
    Map<String, String> labels = new HashMap<>();
    for (Map.Entry<String, JsonNode> label : object.properties()) {
      if (!label.getValue().isValueNode() || label.getValue().isNull()) {
        throw new IllegalArgumentException("labels wants plain values, not at " + label.getKey());
      }
      labels.put(label.getKey(), label.getValue().asText());
    }
    return labels;
  }

  private static JsonNode parsed(String column, String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(column + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// The table that holds things with such keys.
  public static Table table(Entity.Key key) {
    return switch (key) {
      case Entity.AppKey _ -> Table.APPS;
      case Entity.ServiceKey _ -> Table.SERVICES;
      case Entity.InstanceKey _ -> Table.INSTANCES;
      case Entity.NodeKey _ -> Table.NODES;
      case Entity.HostnameKey _ -> Table.HOSTNAMES;
      case Entity.CertificateKey _ -> Table.CERTIFICATES;
      case Entity.VirtualServiceKey _ -> Table.VIRTUAL_SERVICES;
      case Entity.AppRegionKey _ -> Table.APP_REGIONS;
    };
  }

  /// The entity's row, one cell for each of its table's columns; [#decode] reads it back.
  ///
  /// @param updatedMs the writer's wall clock, for the tables that have such a column
  public static List<Object> encode(Entity entity, long updatedMs) {
    return switch (entity) {
      case App a -> List.of(a.id().name(), a.generation());
      case Service s ->
          List.of(
              s.app().name(),
              s.id(),
              json(s.ports()),
              (long) s.internalPort(),
              lower(s.protocol()),
              s.forceHttps() ? 1L : 0L,
              (long) s.softLimit(),
              (long) s.hardLimit(),
              s.generation());
      case Instance i ->
          List.of(
              i.node().value(),
              i.id().value(),
              i.app().name(),
              i.region().code(),
              i.address(),
              (long) i.port(),
              lower(i.state()),
              json(i.labels()),
              i.generation(),
              updatedMs);
      case Node n ->
          List.of(n.id().value(), n.region().code(), lower(n.role()), n.backhaul(), n.generation());
      case Hostname h -> List.of(h.name(), h.app().name(), h.generation());
      case Certificate c -> List.of(c.name(), c.chainPem(), c.keyPem(), c.generation());
      case VirtualService v -> List.of(v.name(), v.document(), v.generation());
      case AppRegion r ->
          List.of(
              r.app().name(),
              r.node().value(),
              r.region().code(),
              (long) r.instances(),
              r.generation());
    };
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
