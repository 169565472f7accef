package anycast.ctl;

import anycast.routing.document.DocumentReader;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.review.RuleReview;
import anycast.routing.review.RuleReview.Found;
import anycast.routing.review.RuleReview.Sampled;
import anycast.routing.table.Change;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a change of virtual services would do to the state as it is, told to the operator.
///
/// Both tables are built from all rows of the state, as proxies build them, and asked.
final class Review {
  private static final Locality ANY_EDGE =
      new Locality(new NodeId("proxyctl"), new RegionCode("none"));

  private final RuleReview review;

  private Review(RuleReview review) {
    this.review = review;
  }

  static Review of(Ledger ledger, List<Wanted> wanted) throws IOException, InterruptedException {
    List<Entity> rows = new ArrayList<>();
    for (Table table : Table.values()) {
      rows.addAll(Roll.entities(ledger, table));
    }
    return new Review(RuleReview.of(ANY_EDGE, rows, changes(wanted)));
  }

  private static List<Change> changes(List<Wanted> wanted) {
    List<Change> changes = new ArrayList<>();
    for (Wanted one : wanted) {
      changes.add(
          one.document().isEmpty()
              ? new Change.Remove(new Entity.VirtualServiceKey(one.name()))
              : new Change.Put(
                  new VirtualService(
                      one.name(),
                      one.document(),
                      one.from().next(),
                      DocumentReader.rules(one.document()))));
    }
    return changes;
  }

  /// How many findings the change brings.
  long warnings() {
    return review.found().stream().filter(Found::isNew).count();
  }

  void show(PrintWriter out) {
    for (Found found : review.found()) {
      out.println(
          (found.isNew() ? "warning: " : "already so: ")
              + Printable.of(found.finding().sentence()));
    }
    if (!review.complete()) {
      out.println("there is more; the first are shown");
    }
    if (review.samples().isEmpty()) {
      return;
    }
    if (review.samples().getFirst().differs()) {
      out.println("requests that go elsewhere then:");
      for (Sampled sampled : review.samples()) {
        if (sampled.differs()) {
          out.println("  " + Printable.of(sampled.request()));
          out.println("  - " + Printable.of(sampled.before()));
          out.println("  + " + Printable.of(sampled.after()));
        }
      }
    }
    List<JsonNode> same =
        samples().valueStream().filter(row -> !row.path("differs").asBoolean()).toList();
    if (!same.isEmpty()) {
      out.println("requests that go where they went:");
      new Columns()
          .text("REQUEST", "request")
          .text("TO", "after")
          .print(out, "  ", "requests", same);
    }
  }

  /// The stable record of a review.
  void tell(ObjectNode into) {
    ArrayNode findings = into.putArray("findings");
    for (Found found : review.found()) {
      ObjectNode row = findings.addObject();
      row.put("kind", kind(found));
      row.put("new", found.isNew());
      row.put("sentence", found.finding().sentence());
    }
    into.put("complete", review.complete());
    into.set("samples", samples());
  }

  /// `NoInstance` as `no_instance`.
  private static String kind(Found found) {
    return found
        .finding()
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
        .toLowerCase(Locale.ROOT);
  }

  private ArrayNode samples() {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Sampled sampled : review.samples()) {
      ObjectNode row = rows.addObject();
      row.put("request", sampled.request());
      row.put("before", sampled.before());
      row.put("after", sampled.after());
      row.put("differs", sampled.differs());
    }
    return rows;
  }
}
