package anycast.ctl;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Decoded;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.VirtualService;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs list`.
@Command(
    name = "list",
    description = {
      "The virtual services that a state holds.",
      "Those that instances make by their labels alone are in proxyctl routes."
    })
final class VsListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Mixin private StateOption state;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger ledger = state.open()) {
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      ArrayNode rows = answer.putArray("virtual_services");
      KeptOut keptOut = KeptOut.ask(ledger);
      List<StateRow> all = ledger.read(Table.VIRTUAL_SERVICES);
      all.stream()
          .sorted(Comparator.comparing(StateRow::key))
          .forEach(row -> tell(row, keptOut, rows.addObject()));
      answer.put("rejects_problem", keptOut.trouble());
      if (parent.isJson()) {
        parent.json(answer, out);
      } else {
        new Columns()
            .text("NAME", "name")
            .number("GENERATION", "generation")
            .text("HOSTS", "hosts")
            .number("RULES", "rules")
            .text("PROBLEM", "problem")
            .made("KEPT OUT BY", VsListCommand::by)
            .print(out, "", "virtual services", rows);
        KeptOut.tell(rows, keptOut.trouble(), out);
      }
      return 0;
    }
  }

  /// How many nodes keep out the version that state holds; `-` where none does.
  private static String by(JsonNode row) {
    long nodes = 0;
    for (JsonNode reject : row.path("rejects")) {
      nodes += reject.path("in_state").asBoolean() ? reject.path("nodes").asLong() : 0;
    }
    return nodes == 0 ? "-" : nodes + (nodes == 1 ? " node" : " nodes");
  }

  private static void tell(StateRow row, KeptOut keptOut, ObjectNode into) {
    tell(row, into);
    String document =
        row.stored().cells() instanceof Cells.Values(List<Object> values)
                && values.size() > 1
                && values.get(1) instanceof String text
            ? text
            : "";
    keptOut.tell(into.path("name").asText(), document, into.putArray("rejects"));
  }

  private static void tell(StateRow row, ObjectNode into) {
    switch (RowCodec.decode(Table.VIRTUAL_SERVICES, row.stored().cells())) {
      case Decoded.Routed(VirtualService service) -> {
        into.put("name", service.name());
        into.put("generation", service.generation());
        ArrayNode hosts = into.putArray("hosts");
        service.rules().hosts().forEach(hosts::add);
        into.put("rules", service.rules().rules().size());
        into.put("problem", "");
      }
      case Decoded.Usable _ -> throw new IllegalStateException(row.name());
      case Decoded.Undecodable(String reason) -> {
        into.put("name", name(row));
        into.putNull("generation");
        into.putArray("hosts");
        into.putNull("rules");
        into.put("problem", reason);
      }
    }
  }

  private static String name(StateRow row) {
    return row.stored().cells() instanceof Cells.Values(List<Object> values) && !values.isEmpty()
        ? String.valueOf(values.getFirst())
        : row.key();
  }
}
