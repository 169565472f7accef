package anycast.ctl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/// Versions that a ledger keeps, looked up for the operator.
final class Past {
  private Past() {}

  /// The one in force.
  static Version current(Ledger ledger, String name)
      throws IOException, CtlFault, InterruptedException {
    Head head = ledger.head(name);
    if (head.document().isEmpty()) {
      throw new CtlFault(
          "there is no virtual service "
              + name
              + (head.lastGeneration() > 0
                  ? " any more; proxyctl vs history " + name + " shows what it was"
                  : "; proxyctl vs list shows those that there are"));
    }
    for (Version version : ledger.versions(name)) {
      if (version.generation() == head.rowGeneration()
          && version.document().equals(head.document().get())) {
        return version;
      }
    }
    return new Version(name, head.rowGeneration(), head.document().get(), "", 0, "");
  }

  /// The version with this generation.
  static Version at(Ledger ledger, String name, long generation)
      throws IOException, CtlFault, InterruptedException {
    Head head = ledger.head(name);
    if (head.document().isPresent() && head.rowGeneration() == generation) {
      return current(ledger, name);
    }
    List<Version> versions = ledger.versions(name);
    for (Version version : versions) {
      if (version.generation() == generation) {
        return version;
      }
    }
    throw new CtlFault(
        "of "
            + name
            + " no generation "
            + generation
            + " is kept"
            + (versions.isEmpty()
                ? ""
                : "; there are "
                    + versions.stream()
                        .map(version -> Long.toString(version.generation()))
                        .collect(Collectors.joining(", "))));
  }

  /// Nothing is known of such a virtual service, not even an old version.
  static CtlFault never(String name) {
    return new CtlFault(
        "there never was a virtual service "
            + name
            + "; proxyctl vs list shows those that there are");
  }

  static ObjectNode json(Version version, ObjectNode into) {
    into.put("name", version.name());
    into.put("generation", version.generation());
    into.put("deleted", version.isDeletion());
    into.put("author", version.author());
    into.put("at_ms", version.atMillis());
    into.put("note", version.note());
    return into.put("document", version.document());
  }

  /// `generation 7 by ann@host at 2026-11-20T11:00:00Z`.
  static String words(Version version) {
    return "generation "
        + version.generation()
        + (version.author().isEmpty() ? "" : " by " + version.author())
        + (version.atMillis() == 0 ? "" : " at " + time(version))
        + (version.note().isEmpty() ? "" : " (" + version.note() + ")");
  }

  static String time(Version version) {
    return version.atMillis() == 0
        ? "-"
        : Instant.ofEpochMilli(version.atMillis()).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
