package anycast.ctl;

import anycast.routing.admission.ContentHash;
import anycast.routing.feed.Cells;
import anycast.routing.feed.RejectRow;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.model.Node;
import anycast.routing.model.VirtualService;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the nodes of a fleet keep out of force, as they say in state.
///
/// A row is a node's word, and rows of nodes that state does not know may be anybody's: they are
/// counted apart.
///
/// @param cases the newest first
/// @param virtualServices those of them that are virtual services, by name
/// @param unreadable rows that no version of this tool can read
/// @param trouble why nothing could be read; empty = it could
record KeptOut(
    List<Case> cases, Map<String, List<Case>> virtualServices, int unreadable, String trouble) {
  /// Nodes that machines are told by name.
  private static final int MOST_NODES = 100;

  /// Cases of one virtual service that are told; it has one version in force at a time.
  private static final int MOST_CASES = 10;

  /// One content that is kept out.
  ///
  /// @param newest what the node said that was the last to keep it out
  /// @param sinceMillis when the first one did, by its own clock
  /// @param nodes those that state knows
  /// @param strangers how many others say so
  record Case(RejectRow newest, long sinceMillis, List<String> nodes, int strangers) {
    String hash() {
      return newest.hash();
    }

    ObjectNode json(ObjectNode into) {
      into.put("hash", newest.hash());
      into.put("table", newest.table());
      into.put("key", newest.key());
      into.put("stage", newest.stage());
      into.put("reason", newest.reason());
      into.put("since_ms", sinceMillis);
      into.put("nodes", nodes.size());
      into.put("unknown_nodes", strangers);
      ArrayNode names = into.putArray("node_names");
      nodes.stream().limit(MOST_NODES).forEach(names::add);
      into.put("words", words());
      return into;
    }

    /// `3 nodes`, `1 node and 2 that state does not know`.
    String by() {
      String known = nodes.size() + (nodes.size() == 1 ? " node" : " nodes");
      return strangers == 0
          ? known
          : (nodes.isEmpty() ? "" : known + " and ") + strangers + " that state does not know";
    }

    /// `kept out by 2 nodes since 2026-11-20T11:00:00Z (compile): reason`.
    String words() {
      return "kept out by "
          + by()
          + " since "
          + ShownRow.time(sinceMillis)
          + " ("
          + newest.stage()
          + "): "
          + newest.reason();
    }
  }

  /// Reads all rows.
  static KeptOut read(Ledger ledger) throws IOException, InterruptedException {
    Set<String> known = new HashSet<>();
    for (Entity entity : Roll.entities(ledger, Table.NODES)) {
      known.add(((Node) entity).id().value());
    }
    Map<String, List<RejectRow>> byEntry = new LinkedHashMap<>();
    int unreadable = 0;
    for (StateRow stored : ledger.read(Table.REJECTS)) {
      RejectRow row =
          stored.stored().cells() instanceof Cells.Values(List<Object> values)
              ? RowCodec.reject(values).orElse(null)
              : null;
      if (row == null) {
        unreadable++;
      } else {
        // two nodes' words about one content must agree on what it is, or they are two cases
        String entry =
            row.hash() + '/' + row.table() + '/' + row.key() + (row.isSummary() ? row.node() : "");
        byEntry.computeIfAbsent(entry, _ -> new ArrayList<>()).add(row);
      }
    }
    List<Case> cases = new ArrayList<>();
    byEntry.values().forEach(rows -> cases.add(of(rows, known)));
    cases.sort(
        Comparator.comparingLong((Case one) -> one.newest().atMillis())
            .reversed()
            .thenComparing(Case::hash));
    Map<String, List<Case>> virtualServices = new HashMap<>();
    for (Case one : cases) {
      if (one.newest().table().equals(Table.VIRTUAL_SERVICES.label())) {
        virtualServices.computeIfAbsent(one.newest().key(), _ -> new ArrayList<>()).add(one);
      }
    }
    return new KeptOut(List.copyOf(cases), virtualServices, unreadable, "");
  }

  /// As [#read]; a state that does not tell, such as one that is older than the table, costs what
  /// it would tell and nothing else.
  static KeptOut ask(Ledger ledger) throws InterruptedException {
    try {
      return read(ledger);
    } catch (IOException e) {
      return new KeptOut(
          List.of(),
          Map.of(),
          0,
          "whether nodes keep something out is not known: " + e.getMessage());
    }
  }

  private static Case of(List<RejectRow> rows, Set<String> known) {
    RejectRow newest = rows.getFirst();
    long since = newest.atMillis();
    List<String> nodes = new ArrayList<>();
    for (RejectRow row : rows) {
      newest = row.atMillis() > newest.atMillis() ? row : newest;
      since = Math.min(since, row.atMillis());
      if (known.contains(row.node().value())) {
        nodes.add(row.node().value());
      }
    }
    nodes.sort(null);
    return new Case(newest, since, List.copyOf(nodes), rows.size() - nodes.size());
  }

  private static String hash(String virtualService, String document) {
    return ContentHash.of(new VirtualService(virtualService, document, 0)).toString();
  }

  /// What is kept out of one version of a virtual service.
  List<Case> of(String virtualService, String document) {
    String hash = hash(virtualService, document);
    return virtualServices.getOrDefault(virtualService, List.of()).stream()
        .filter(one -> one.hash().equals(hash))
        .toList();
  }

  /// What is kept out of a virtual service: each case says with `in_state` whether it is of this
  /// document, or of another version.
  void tell(String virtualService, String document, ArrayNode into) {
    String hash = hash(virtualService, document);
    virtualServices.getOrDefault(virtualService, List.of()).stream()
        .sorted(Comparator.comparing((Case one) -> !one.hash().equals(hash)))
        .limit(MOST_CASES)
        .forEach(one -> one.json(into.addObject()).put("in_state", one.hash().equals(hash)));
  }

  /// Tells people, below what they asked for, why something is not in force.
  ///
  /// @param rows virtual services or versions, with `name` and `rejects`
  static void tell(JsonNode rows, String trouble, PrintWriter out) {
    for (JsonNode row : rows) {
      for (JsonNode reject : row.path("rejects")) {
        out.println(Printable.of(sentence(row, reject)));
      }
    }
    if (!trouble.isEmpty()) {
      out.println(Printable.of(trouble));
    }
    out.flush();
  }

  private static String sentence(JsonNode row, JsonNode reject) {
    boolean other = reject.has("in_state") && !reject.path("in_state").asBoolean();
    long generation = row.path("generation").asLong();
    return row.path("name").asText()
        + (other ? ", another version" : generation > 0 ? ", generation " + generation : "")
        + ": "
        + reject.path("words").asText();
  }

  /// What a machine is told of these.
  static void json(List<Case> cases, ArrayNode into) {
    cases.forEach(one -> one.json(into.addObject()));
  }
}
