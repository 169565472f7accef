package anycast.routing.feed.sqlite;

import anycast.routing.feed.sqlite.StateStore.Outcome;
import anycast.routing.feed.sqlite.StateStore.Touched;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// How a store writes.
sealed interface Writing extends AutoCloseable permits Writer, NoWriting {
  /// The answer comes when the transaction is as safe as the policy says.
  ///
  /// @param limit after which it is interrupted
  CompletableFuture<Outcome> submit(List<SqlStatement> statements, Duration limit);

  void onTouched(Touched listener);

  /// Why the last transaction could not be written, with a remedy; empty = it could.
  String trouble();

  /// Refuses from now on, and waits until what waits is written; then nobody writes any more.
  void finish();

  @Override
  void close();
}
