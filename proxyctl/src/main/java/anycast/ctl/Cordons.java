package anycast.ctl;

import anycast.routing.feed.Table;
import anycast.routing.feed.nats.NatsState;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Cordons that are to be written together, and how that is told.
final class Cordons {
  private final List<StateRow> rows = new ArrayList<>();
  private final List<StateRow> gone = new ArrayList<>();
  private final ArrayNode told = JsonNodeFactory.instance.arrayNode();

  /// These get nothing new from then on.
  Cordons out(Collection<Enrolled> some, String reason) {
    for (Enrolled one : some) {
      rows.add(row(one, reason, one.cordon() == null ? 1 : one.cordon().generation() + 1));
      one.tell(told.addObject(), false);
    }
    return this;
  }

  /// These get requests again.
  Cordons in(Collection<Enrolled> some) {
    for (Enrolled one : some) {
      if (one.cordon() != null) {
        gone.add(row(one, "", 0));
      }
      one.tell(told.addObject(), true);
    }
    return this;
  }

  private static StateRow row(Enrolled one, String reason, long generation) {
    return new StateRow(
        Table.CORDONS,
        NatsState.stored(
            Table.CORDONS,
            List.of(
                one.instance().node().value(), one.instance().id().value(), reason, generation)));
  }

  void write(Ledger ledger) throws IOException, InterruptedException {
    if (!rows.isEmpty() || !gone.isEmpty()) {
      ledger.write(Table.CORDONS, rows, gone);
    }
  }

  /// @param written whether it was, or would be
  void show(Main main, boolean written, PrintWriter out) throws CtlFault {
    if (main.isJson()) {
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      answer.put("written", written);
      answer.set("instances", told);
      out.println(Main.line(answer));
      return;
    }
    new Columns()
        .text("INSTANCE", "instance")
        .text("APP", "app")
        .text("NODE", "node")
        .text("STATE", "state")
        .text("HEALTH", "health")
        .text("BEFORE", "before")
        .text("AFTER", "after")
        .print(out, "", "instances", told);
  }
}
