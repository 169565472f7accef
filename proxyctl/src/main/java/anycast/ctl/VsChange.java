package anycast.ctl;

import anycast.routing.feed.corrosion.StateClient;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// A change of virtual services on its way into state: reviewed, agreed to, and written where all
/// still stands as the review saw it.
final class VsChange {
  /// With what its row has beside it: a name, generations, an author and a note.
  static final int MAX_DOCUMENT_BYTES = StateClient.MAX_ROW_BYTES - (8 << 10);

  private final Ledger ledger;
  private final VsCommand parent;
  private final ChangeOptions options;
  private final PrintWriter out;
  private final InstantSource clock = InstantSource.system();

  VsChange(Ledger ledger, VsCommand parent, ChangeOptions options, PrintWriter out) {
    this.ledger = ledger;
    this.parent = parent;
    this.options = options;
    this.out = out;
  }

  /// @param note where the operator gave none
  /// @return the exit code
  int run(List<Wanted> wanted, String note) throws IOException, CtlFault, InterruptedException {
    List<Wanted> changes = wanted.stream().filter(one -> !one.stands()).toList();
    for (Wanted one : changes) {
      fits(one);
    }
    Review review = Review.of(ledger, changes);
    if (!parent.isJson()) {
      heads(wanted);
      review.show(out);
    }
    boolean written = false;
    if (!options.dryRun() && !changes.isEmpty()) {
      agree(review);
      write(changes, options.note().isEmpty() ? note : options.note());
      written = true;
    }
    if (parent.isJson()) {
      parent.json(json(wanted, review, written), out);
    } else {
      endings(wanted, changes, written);
    }
    return 0;
  }

  /// A row that no process takes in must not be written: it would serve nobody and look as if it
  /// did.
  private static void fits(Wanted one) throws CtlFault {
    String json = JsonNodeFactory.instance.textNode(one.document()).toString();
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new CtlFault(
          "nothing was written: %s is %,d bytes long as JSON; proxies take %,d"
              .formatted(one.name(), bytes, MAX_DOCUMENT_BYTES));
    }
  }

  private void heads(List<Wanted> wanted) throws IOException, CtlFault, InterruptedException {
    for (Wanted one : wanted) {
      String over =
          one.from().document().isEmpty() || one.stands()
              ? ""
              : ", over " + Past.words(Past.current(ledger, one.name()));
      out.println(Printable.of(one.name() + ": " + one.action() + over));
      if (!one.stands()) {
        TextDiff.of(one.from().document().orElse(""), one.document())
            .forEach(line -> out.println("  " + line));
      }
    }
  }

  private void endings(List<Wanted> wanted, List<Wanted> changes, boolean written) {
    if (changes.isEmpty()) {
      out.println("nothing to change");
      return;
    }
    if (!written) {
      out.println("dry run: nothing was written");
      return;
    }
    for (Wanted one : wanted) {
      if (!one.stands()) {
        out.println(
            Printable.of(one.name())
                + (one.document().isEmpty()
                    ? " is gone; proxyctl vs rollback brings it back"
                    : ": generation " + one.from().next() + " is in force"));
      }
    }
  }

  private void agree(Review review) throws CtlFault {
    if (options.yes()) {
      return;
    }
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw new CtlFault(
          "nothing was written: nobody can be asked here; --yes writes without asking, --dry-run"
              + " only reviews");
    }
    out.flush();
    String answer =
        console.readLine(
            "%swrite this? [y/N] ",
            review.warnings() == 0
                ? ""
                : review.warnings() + (review.warnings() == 1 ? " warning; " : " warnings; "));
    if (answer == null || !answer.strip().toLowerCase(java.util.Locale.ROOT).matches("y|yes")) {
      throw new CtlFault("nothing was written");
    }
  }

  private void write(List<Wanted> changes, String note)
      throws IOException, CtlFault, InterruptedException {
    String author = Author.name();
    long nowMillis = clock.millis();
    List<Ledger.Step> steps = new ArrayList<>();
    for (Wanted one : changes) {
      steps.add(
          new Ledger.Step(
              one.from(),
              new Version(one.name(), one.from().next(), one.document(), author, nowMillis, note)));
    }
    switch (ledger.write(steps)) {
      case Ledger.Written.Took _ -> {}
      case Ledger.Written.Lost(String name, int before) ->
          throw lost(
              changes.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow(),
              before == 0 ? "nothing was written" : "written were only " + names(changes, before));
    }
  }

  private static String names(List<Wanted> changes, int before) {
    return String.join(", ", changes.subList(0, before).stream().map(Wanted::name).toList());
  }

  private CtlFault lost(Wanted mine, String written)
      throws IOException, CtlFault, InterruptedException {
    return Conflict.of(ledger, mine.from(), written, parent.asides(out));
  }

  private static ObjectNode json(List<Wanted> wanted, Review review, boolean written) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("written", written);
    ArrayNode changes = answer.putArray("changes");
    for (Wanted one : wanted) {
      ObjectNode change = changes.addObject();
      change.put("name", one.name());
      change.put("action", one.action());
      change.put("from_generation", one.from().rowGeneration());
      change.put("to_generation", one.stands() ? one.from().rowGeneration() : one.from().next());
    }
    review.tell(answer.putObject("review"));
    return answer;
  }
}
