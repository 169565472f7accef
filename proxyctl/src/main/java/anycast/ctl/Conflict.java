package anycast.ctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/// A change that was made from what does not stand any more.
final class Conflict {
  private Conflict() {}

  /// Shows what changed meanwhile.
  ///
  /// @param from what the change was made from
  /// @param written what was written all the same, in words
  /// @return what ends the command
  static CtlFault of(Ledger ledger, Head from, String written, PrintWriter out)
      throws IOException, InterruptedException {
    Head now = ledger.head(from.name());
    String what;
    if (now.document().isEmpty()) {
      what = "it was deleted";
    } else {
      what = Past.words(inForce(ledger, now)) + " is in force";
      List<String> lines = TextDiff.of(from.document().orElse(""), now.document().get());
      if (!lines.isEmpty()) {
        out.println("what changed of " + Printable.of(from.name()) + " meanwhile:");
        lines.forEach(line -> out.println("  " + line));
        out.flush();
      }
    }
    String base =
        from.document().isEmpty() && from.rowGeneration() == 0
            ? "from none"
            : "from generation " + from.rowGeneration();
    return new CtlFault(
        "%s changed meanwhile: %s, and this change was made %s; %s. Get it again (proxyctl vs get"
                .formatted(from.name(), what, base, written)
            + " "
            + from.name()
            + "), make the change there and apply that");
  }

  private static Version inForce(Ledger ledger, Head now) throws IOException, InterruptedException {
    return ledger.versions(now.name()).stream()
        .filter(version -> version.generation() == now.rowGeneration())
        .findFirst()
        .orElse(new Version(now.name(), now.rowGeneration(), now.document().get(), "", 0, ""));
  }

  /// Checks that a change's basis is in force.
  ///
  /// @param generation what it was made from; 0 = there was none
  static void check(Ledger ledger, Head head, long generation, PrintWriter out)
      throws IOException, CtlFault, InterruptedException {
    if (head.rowGeneration() == generation) {
      return;
    }
    String document =
        ledger.versions(head.name()).stream()
            .filter(version -> version.generation() == generation)
            .map(Version::document)
            .findFirst()
            .orElse("");
    Head from =
        new Head(
            head.name(),
            generation,
            java.util.Optional.of(document).filter(d -> !d.isEmpty()),
            0,
            0);
    throw of(ledger, from, "nothing was written", out);
  }
}
