package anycast.routing.feed.corrosion;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Writes and asks state, one call at a time.
public final class StateClient implements AutoCloseable {
  public StateClient(List<URI> urls, Optional<String> token) {}

  /// What a transaction did.
  ///
  /// @param rowsAffected one a statement
  /// @param version the node's new version; empty = nothing changed
  public record Committed(List<Long> rowsAffected, OptionalLong version, String actor) {
    public Committed {
      rowsAffected = List.copyOf(rowsAffected);
    }
  }

  /// Runs all statements in one transaction: all or nothing.
  public Committed transact(List<Statement> statements)
      throws StateException, InterruptedException {
    throw new UnsupportedOperationException("B");
  }

  /// Reads rows; each cell `null`, `Long`, `Double`, `String`, `Boolean` or `byte[]`.
  public List<List<Object>> query(Statement statement) throws StateException, InterruptedException {
    throw new UnsupportedOperationException("B");
  }

  @Override
  public void close() {}
}
