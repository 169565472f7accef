package anycast.routing.feed;

import anycast.routing.document.DocumentReading;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.Reserved;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Rows to entities and back. A row is hostile until it is decoded: whatever is wrong with it
/// becomes a [Decoded.Undecodable] that says which column and why, never an exception.
///
/// **Threading.** Pure.
public final class RowCodec {
  static final int MAX_PORT = 65_535;

  /// A sentence for the operator, kept in every proxy's memory.
  private static final int MAX_DETAIL = 1_000;

  private RowCodec() {}

  /// Reads a row of `table`.
  public static Decoded decode(Table table, Cells cells) {
    return decode(table, cells, Interned.none(), DocumentReading.DIRECT);
  }

  /// As [#decode(Table, Cells)]; what many rows have in common comes from `shared`.
  public static Decoded decode(Table table, Cells cells, Interned shared) {
    return decode(table, cells, shared, DocumentReading.DIRECT);
  }

  /// As [#decode(Table, Cells, Interned)]; documents are read by `documents`.
  static Decoded decode(Table table, Cells cells, Interned shared, DocumentReading documents) {
    return switch (cells) {
      case Cells.Unreadable(String reason, var _) -> new Decoded.Undecodable(Legible.text(reason));
      case Cells.Values(List<Object> values) -> decode(table, values, shared, documents);
    };
  }

  private static Decoded decode(
      Table table, List<Object> values, Interned shared, DocumentReading documents) {
    int wanted = table.columns().size();
    List<Object> cells = table.whole(values);
    if (cells.size() != wanted) {
      return new Decoded.Undecodable("wants " + wanted + " cells, got " + cells.size());
    }
    try {
      return decoded(table, new RowReader(table, cells), shared, documents);
    } catch (IllegalArgumentException e) {
      return new Decoded.Undecodable(Legible.text(e.getMessage()));
    } catch (RuntimeException | StackOverflowError e) {
      // A bug, and a tenant has found it: it must cost the row, not the table's only writer.
      return new Decoded.Undecodable(Legible.text("cannot be read by this version: " + e));
    }
  }

  /// Arguments are evaluated from the left, so a constructor whose parameters stand in the order of
  /// the columns reads them in that order.
  private static Decoded.Usable decoded(
      Table table, RowReader row, Interned shared, DocumentReading documents) {
    return switch (table) {
      case APPS -> routed(new App(shared.app(row.text()), row.number()));
      case SERVICES -> routed(service(row, shared));
      case INSTANCES -> routed(instance(row, shared));
      case NODES -> routed(node(row, shared));
      case HOSTNAMES -> routed(new Hostname(row.text(), shared.app(row.text()), row.number()));
      case CERTIFICATES ->
          routed(
              new Certificate(
                  row.filled(), row.pem("CERTIFICATE"), row.pem("PRIVATE KEY"), row.number()));
      case VIRTUAL_SERVICES -> routed(virtualService(row, documents));
      case APP_REGIONS ->
          routed(
              new AppRegion(
                  shared.app(row.text()),
                  shared.node(row.text()),
                  shared.region(row.text()),
                  row.within(0, Integer.MAX_VALUE),
                  row.number()));
      case INSTANCE_HEALTH ->
          routed(
              new InstanceHealth(
                  shared.node(row.text()),
                  new InstanceId(row.text()),
                  row.oneOf(InstanceHealth.Status.class),
                  detail("detail", row.text()),
                  row.number()));
      case CORDONS ->
          routed(
              new Cordon(
                  shared.node(row.text()),
                  new InstanceId(row.text()),
                  detail("reason", row.text()),
                  row.number()));
      case BEATS ->
          new Decoded.Beat(shared.node(row.text()), row.number(), row.number(), row.number());
      case REJECTS -> {
        RejectRow told = reject(row, shared);
        yield new Decoded.Reject(told.node(), told.hash(), told.atMillis());
      }
    };
  }

  private static Decoded.Routed routed(Entity entity) {
    String reserved = Reserved.in(entity);
    if (reserved != null) {
      throw new IllegalArgumentException(
          reserved + " is reserved for what a process asks of itself");
    }
    return new Decoded.Routed(entity);
  }

  private static Service service(RowReader row, Interned shared) {
    return new Service(
        shared.app(row.text()),
        row.filled(),
        JsonCells.ports(row.text()),
        row.within(0, MAX_PORT),
        row.oneOf(Service.AppProtocol.class),
        row.number() != 0,
        row.within(0, Integer.MAX_VALUE),
        row.within(0, Integer.MAX_VALUE),
        row.number(),
        PolicyJson.decode(row.text()));
  }

  private static RejectRow reject(RowReader row, Interned shared) {
    return new RejectRow(
        shared.node(row.text()),
        row.text(),
        row.text(),
        row.text(),
        row.text(),
        row.text(),
        row.number(),
        row.number());
  }

  /// A row of `rejects` with its reason, for who shows it.
  ///
  /// @return empty where it cannot be read
  public static Optional<RejectRow> reject(List<Object> cells) {
    try {
      return cells.size() == Table.REJECTS.columns().size()
          ? Optional.of(reject(new RowReader(Table.REJECTS, cells), Interned.none()))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The row's cells; [#reject(List)] reads them back.
  public static List<Object> encode(RejectRow row) {
    return List.of(
        row.node().value(),
        row.hash(),
        row.table(),
        row.key(),
        row.stage(),
        row.reason(),
        row.atMillis(),
        row.generation());
  }

  private static String detail(String column, String text) {
    if (text.length() > MAX_DETAIL) {
      throw new IllegalArgumentException(column + " wants at most " + MAX_DETAIL + " characters");
    }
    return text;
  }

  private static Instance instance(RowReader row, Interned shared) {
    NodeId node = shared.node(row.text());
    return new Instance(
        new InstanceId(row.text()),
        shared.app(row.text()),
        node,
        shared.region(row.text()),
        shared.text(row.filled()),
        row.within(0, MAX_PORT),
        row.oneOf(Instance.State.class),
        shared.labels(row.text()),
        row.number());
  }

  /// One whose document cannot be followed cannot be used: the version before stays in force.
  private static VirtualService virtualService(RowReader row, DocumentReading documents) {
    String name = row.filled();
    String document = row.text();
    return new VirtualService(name, document, row.number(), documents.rules(name, document));
  }

  private static Node node(RowReader row, Interned shared) {
    Node node =
        new Node(
            shared.node(row.text()),
            shared.region(row.text()),
            row.oneOf(Node.Role.class),
            row.text(),
            row.number());
    if (node.role() == Node.Role.WORKER) {
      int colon = node.backhaul().lastIndexOf(':');
      if (colon < 1 || !isPort(node.backhaul().substring(colon + 1))) {
        throw new IllegalArgumentException(
            "backhaul wants host:port, got '" + node.backhaul() + "'");
      }
    }
    return node;
  }

  /// The key of a row of which perhaps nothing else can be read.
  ///
  /// @return an [Entity.Key], the node of a beat, or a [Decoded.RejectKey]; null where it cannot be
  ///   read either
  static Object key(Table table, Cells cells) {
    List<Object> values =
        switch (cells) {
          case Cells.Values(List<Object> all) -> all;
          case Cells.Unreadable(var _, List<Object> first) -> first;
        };
    if (values.size() < table.key().size()) {
      return null;
    }
    RowReader row = new RowReader(table, values);
    try {
      return switch (table) {
        case APPS -> new Entity.AppKey(new AppId(row.text()));
        case SERVICES -> new Entity.ServiceKey(new AppId(row.text()), row.filled());
        case INSTANCES ->
            new Entity.InstanceKey(new NodeId(row.text()), new InstanceId(row.text()));
        case NODES -> new Entity.NodeKey(new NodeId(row.text()));
        case HOSTNAMES -> new Entity.HostnameKey(row.text());
        case CERTIFICATES -> new Entity.CertificateKey(row.filled());
        case VIRTUAL_SERVICES -> new Entity.VirtualServiceKey(row.filled());
        case APP_REGIONS -> new Entity.AppRegionKey(new AppId(row.text()), new NodeId(row.text()));
        case INSTANCE_HEALTH ->
            new Entity.InstanceHealthKey(new NodeId(row.text()), new InstanceId(row.text()));
        case CORDONS -> new Entity.CordonKey(new NodeId(row.text()), new InstanceId(row.text()));
        case BEATS -> new NodeId(row.text());
        case REJECTS -> new Decoded.RejectKey(new NodeId(row.text()), row.text());
      };
    } catch (IllegalArgumentException e) {
      return null;
    }
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

  /// The table that holds such things.
  static Table table(Entity entity) {
    return switch (entity) {
      case App _ -> Table.APPS;
      case Service _ -> Table.SERVICES;
      case Instance _ -> Table.INSTANCES;
      case Node _ -> Table.NODES;
      case Hostname _ -> Table.HOSTNAMES;
      case Certificate _ -> Table.CERTIFICATES;
      case VirtualService _ -> Table.VIRTUAL_SERVICES;
      case AppRegion _ -> Table.APP_REGIONS;
      case InstanceHealth _ -> Table.INSTANCE_HEALTH;
      case Cordon _ -> Table.CORDONS;
    };
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
      case Entity.InstanceHealthKey _ -> Table.INSTANCE_HEALTH;
      case Entity.CordonKey _ -> Table.CORDONS;
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
              JsonCells.text(s.ports()),
              (long) s.internalPort(),
              lower(s.protocol()),
              s.forceHttps() ? 1L : 0L,
              (long) s.softLimit(),
              (long) s.hardLimit(),
              s.generation(),
              PolicyJson.encode(s.policy()));
      case Instance i ->
          List.of(
              i.node().value(),
              i.id().value(),
              i.app().name(),
              i.region().code(),
              i.address(),
              (long) i.port(),
              lower(i.state()),
              JsonCells.text(i.labels()),
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
      case InstanceHealth h ->
          List.of(
              h.node().value(),
              h.instance().value(),
              lower(h.status()),
              h.detail(),
              h.generation());
      case Cordon c -> List.of(c.node().value(), c.instance().value(), c.reason(), c.generation());
    };
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
