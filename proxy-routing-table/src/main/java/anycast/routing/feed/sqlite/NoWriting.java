package anycast.routing.feed.sqlite;

import anycast.routing.feed.sqlite.StateStore.Outcome;
import anycast.routing.feed.sqlite.StateStore.Touched;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Writes nothing: the file could not be written when the store was started. It is read as a file
/// that does not change, which is why only another start can write it again.
///
/// @param trouble why, with a remedy
record NoWriting(String trouble) implements Writing {
  @Override
  public CompletableFuture<Outcome> submit(List<SqlStatement> statements, Duration limit) {
    return CompletableFuture.completedFuture(
        Outcome.unable(
            Outcome.Verdict.UNAVAILABLE,
            "nothing was written: " + trouble + "; then start the store again"));
  }

  @Override
  public void onTouched(Touched listener) {
    // nothing is ever touched
  }

  @Override
  public void finish() {
    // nobody writes
  }

  @Override
  public void close() {
    // nothing is open
  }
}
