package anycast.routing.feed.sqlite;

/// The table in which the versions of virtual services are kept for operators. No proxy follows it,
/// so it is none of [anycast.routing.feed.Table].
///
/// A row is written once: `(name, gen)` is claimed by whoever writes that generation. An empty
/// document says that the virtual service was deleted then.
final class KeptVersions {
  static final String TABLE = "virtual_service_versions";

  static final String DDL =
      """
      CREATE TABLE virtual_service_versions (name TEXT NOT NULL, gen INTEGER NOT NULL,
        document TEXT NOT NULL DEFAULT '', author TEXT NOT NULL DEFAULT '',
        at_ms INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', PRIMARY KEY (name, gen))
      """;

  private KeptVersions() {}
}
