package anycast.ctl;

import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.StateException;
import anycast.routing.feed.corrosion.Statement;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The ledger of a store that speaks Corrosion's API: table `virtual_service_versions`.
///
/// A change is one transaction. Its first statements claim the generations: a claim whose head does
/// not stand any more would put NULL where none may be, so that the database itself takes back the
/// whole transaction.
final class StoreLedger implements Ledger {
  private static final String HEAD =
      """
      SELECT (SELECT document FROM virtual_services WHERE name = ?),
        coalesce((SELECT gen FROM virtual_services WHERE name = ?), 0),
        coalesce((SELECT max(gen) FROM virtual_service_versions WHERE name = ?), 0)
      """;

  /// A row that nobody claimed is kept before it is overwritten.
  private static final String KEEP =
      """
      INSERT OR IGNORE INTO virtual_service_versions (name, gen, document, author, at_ms, note)
        SELECT name, gen, document, '', 0, '' FROM virtual_services WHERE name = ?
      """;

  private static final String CLAIM =
      """
      INSERT INTO virtual_service_versions (name, gen, document, author, at_ms, note)
        SELECT ?, CASE WHEN
          coalesce((SELECT max(gen) FROM virtual_service_versions WHERE name = ?), 0) < ?
          AND (SELECT count(*) FROM virtual_services WHERE name = ?) = ?
          AND (SELECT count(*) FROM virtual_services
            WHERE name = ? AND gen = ? AND document = ?) = ?
          THEN ? END, ?, ?, ?, ?
      """;

  private static final String FORGET =
      "DELETE FROM virtual_service_versions WHERE name = ? AND gen <= ?";

  private static final String FENCE = "DELETE FROM virtual_service_versions WHERE 1 = 0";

  /// A write that lost against one which then did not take is made again.
  private static final int TRIES = 3;

  private static final String VERSIONS =
      """
      SELECT name, gen, document, author, at_ms, note FROM virtual_service_versions
        WHERE name = ? ORDER BY gen DESC
      """;

  private final StateClient client;
  private final StoreState place;

  StoreLedger(URI url, Optional<String> token) {
    this.client = new StateClient(List.of(url), token);
    this.place = new StoreState(url, token);
  }

  @Override
  public StatePlace place() {
    return place;
  }

  @Override
  public Head head(String name) throws IOException, InterruptedException {
    List<Object> row = client.query(Statement.of(HEAD, name, name, name)).getFirst();
    return new Head(
        name, (Long) row.get(1), Optional.ofNullable((String) row.get(0)), (Long) row.get(2), 0);
  }

  @Override
  public List<Version> versions(String name) throws IOException, InterruptedException {
    List<Version> versions = new ArrayList<>();
    for (List<Object> row : client.query(Statement.of(VERSIONS, name))) {
      versions.add(
          new Version(
              (String) row.get(0),
              (Long) row.get(1),
              (String) row.get(2),
              (String) row.get(3),
              (Long) row.get(4),
              (String) row.get(5)));
    }
    return versions;
  }

  @Override
  public Written write(List<Step> steps) throws IOException, InterruptedException {
    List<Statement> statements = new ArrayList<>();
    for (Step step : steps) {
      statements.add(Statement.of(KEEP, step.to().name()));
      statements.add(claim(step.from(), step.to()));
    }
    for (Step step : steps) {
      Version to = step.to();
      statements.add(
          to.isDeletion()
              ? Statement.remove(Table.VIRTUAL_SERVICES, to.name())
              : Statement.put(
                  Table.VIRTUAL_SERVICES, List.of(to.name(), to.document(), to.generation())));
      statements.add(Statement.of(FORGET, to.name(), to.generation() - KEPT));
    }
    for (int left = TRIES; ; left--) {
      try {
        client.transact(statements);
        return new Written.Took();
      } catch (StateException e) {
        Optional<Written> known = known(steps);
        if (known.isPresent()) {
          return known.get();
        }
        if (left == 1) {
          throw e;
        }
      }
    }
  }

  /// What came of a write that was refused, or whose answer was lost on its way; empty = nothing
  /// changed.
  private Optional<Written> known(List<Step> steps) throws IOException, InterruptedException {
    // a refusal comes before the commit of what it lost against; the answer to this comes after
    client.transact(List.of(Statement.of(FENCE)));
    if (stands(steps)) {
      return Optional.of(new Written.Took());
    }
    for (Step step : steps) {
      if (!head(step.to().name()).equals(step.from())) {
        return Optional.of(new Written.Lost(step.to().name(), 0));
      }
    }
    return Optional.empty();
  }

  private static Statement claim(Head from, Version to) {
    long rows = from.document().isPresent() ? 1 : 0;
    return Statement.of(
        CLAIM,
        to.name(),
        to.name(),
        to.generation(),
        to.name(),
        rows,
        to.name(),
        from.rowGeneration(),
        from.document().orElse(""),
        rows,
        to.generation(),
        to.document(),
        to.author(),
        to.atMillis(),
        to.note());
  }

  /// Whether these very versions are the newest.
  private boolean stands(List<Step> steps) throws IOException, InterruptedException {
    for (Step step : steps) {
      List<Version> versions = versions(step.to().name());
      if (versions.isEmpty() || !versions.getFirst().equals(step.to())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void write(Table table, List<StateRow> rows, List<StateRow> gone)
      throws IOException, InterruptedException {
    place.write(table, rows, gone);
  }

  @Override
  public void close() {
    client.close();
    place.close();
  }
}
