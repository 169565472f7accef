package anycast.ctl;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.nats.NatsState;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A store that speaks Corrosion's API as a place of state. It takes rows of cells only.
final class StoreState implements StatePlace {
  /// Statements of one transaction: writers beside it wait for that long.
  private static final int BATCH = 500;

  private final StateClient client;

  StoreState(URI url, Optional<String> token) {
    client = new StateClient(List.of(url), token);
  }

  @Override
  public List<StateRow> read(Table table) throws IOException, InterruptedException {
    List<StateRow> rows = new ArrayList<>();
    for (List<Object> cells : client.query(Statement.of(table.select()))) {
      try {
        rows.add(new StateRow(table, NatsState.stored(table, cells)));
      } catch (IllegalArgumentException e) {
        throw new IOException(table.label() + " has a row whose " + e.getMessage(), e);
      }
    }
    return rows;
  }

  @Override
  public Optional<String> objection(StateRow row) {
    return switch (row.stored().cells()) {
      case Cells.Unreadable(String reason, var _) -> Optional.of(reason);
      case Cells.Values(List<Object> values) ->
          values.size() == row.table().columns().size()
              ? Optional.empty()
              : Optional.of(
                  "has " + values.size() + " cells where " + row.table().columns().size() + " go");
    };
  }

  @Override
  public void prepare() {}

  @Override
  public void write(Table table, List<StateRow> rows, List<StateRow> gone)
      throws IOException, InterruptedException {
    List<Statement> statements = new ArrayList<>();
    for (StateRow row : rows) {
      statements.add(Statement.put(table, cells(row)));
    }
    for (StateRow row : gone) {
      Object[] key = cells(row).subList(0, table.key().size()).toArray();
      statements.add(Statement.remove(table, key));
    }
    for (int from = 0; from < statements.size(); from += BATCH) {
      client.transact(statements.subList(from, Math.min(from + BATCH, statements.size())));
    }
  }

  private static List<Object> cells(StateRow row) {
    if (row.stored().cells() instanceof Cells.Values(List<Object> values)) {
      return values;
    }
    throw new IllegalStateException(row.name() + " was objected to");
  }

  @Override
  public void finish() {}

  @Override
  public void close() {
    client.close();
  }
}
