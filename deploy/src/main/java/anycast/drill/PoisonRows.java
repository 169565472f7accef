package anycast.drill;

import anycast.backhaul.identity.PrivateCa;
import anycast.demo.FleetFault;
import anycast.demo.FleetIdentities;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.rule.Poison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The rows of a poison drill: virtual services on hosts of their own, all led to one app.
///
/// **Threading.** One thread.
final class PoisonRows {
  static final int GOOD_ONES = 500;

  private static final String DOMAIN = ".poison.demo.test";
  private static final String PREFIX = "drill-";

  private final FleetIdentities identities;
  private long generation;

  /// @param generation above that of every row of a drill before
  PoisonRows(FleetIdentities identities, long generation) {
    this.identities = identities;
    this.generation = generation;
  }

  /// The host of a virtual service.
  static String host(String name) {
    return name + DOMAIN;
  }

  /// The key of its row.
  static String key(String name) {
    return PREFIX + name;
  }

  /// A certificate for all of their hosts.
  Statement certificate() throws FleetFault {
    String name = "*" + DOMAIN;
    PrivateCa.Issued issued = identities.publicCertificate(name);
    return Statement.of(
        "INSERT OR REPLACE INTO certificates (name, chain, \"key\", gen) VALUES (?, ?, ?, ?)",
        name,
        issued.certificate(),
        issued.key(),
        ++generation);
  }

  /// One that does no harm; its answers say `x-version: VERSION`.
  Statement good(String name, String version) {
    return row(name, document(name, version));
  }

  /// The same with a fault.
  Statement poisoned(String name, Poison poison) {
    return row(name, poisonedDocument(name, poison));
  }

  static String poisonedDocument(String name, Poison poison) {
    return document(name, "poisoned")
        + "fault: { kind: %s, at: %s }\n"
            .formatted(
                poison.kind().name().toLowerCase(Locale.ROOT),
                poison.at().name().toLowerCase(Locale.ROOT));
  }

  /// Good ones, and the poisoned one in their middle.
  List<Statement> batch(String name, Poison poison) {
    List<Statement> batch = new ArrayList<>();
    for (int i = 0; i < GOOD_ONES; i++) {
      if (i == GOOD_ONES / 2) {
        batch.add(poisoned(name, poison));
      }
      batch.add(good(name + "-" + i, "batch"));
    }
    return batch;
  }

  static Statement removal(String name) {
    return Statement.of(
        "DELETE FROM virtual_services WHERE name = ? OR name LIKE ?", key(name), key(name) + "-%");
  }

  static Statement removalOfAll() {
    return Statement.of("DELETE FROM virtual_services WHERE name LIKE ?", PREFIX + "%");
  }

  private Statement row(String name, String document) {
    return Statement.of(
        "INSERT OR REPLACE INTO virtual_services (name, document, gen) VALUES (?, ?, ?)",
        key(name),
        document,
        ++generation);
  }

  private static String document(String name, String version) {
    return """
    hosts: [%s]
    rules:
      - name: %s
        to: [ { selector: "app=hello" } ]
        headers: { response: { set: { x-version: %s } } }
    """
        .formatted(host(name), version, version);
  }
}
