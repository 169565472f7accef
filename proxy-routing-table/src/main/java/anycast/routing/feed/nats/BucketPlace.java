package anycast.routing.feed.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// How far a bucket was heard, and whether it still is that bucket.
///
/// A revision alone proves nothing: a bucket that was made anew, or restored from a backup, counts
/// on from somewhere else. So the place is a revision together with its message's time and with the
/// bucket's birth, and a stream goes on from it only where the bucket says the same of all three.
///
/// What is purged, expires, or is taken out of a bucket is told to no consumer. It shows in the
/// number of keys: where the bucket has another number of them than were heard, at one revision,
/// something went unheard. Where a snapshot anew finds the same difference, it is the server's own
/// and means nothing.
///
/// **Threading.** One stream's.
final class BucketPlace {
  private final KeyIds keys = new KeyIds();
  private Instant created = Instant.MIN;
  private long revision;
  private Instant at = Instant.MIN;
  private boolean known;

  /// How far nothing can be missing: the revision, or more where the newest ones were taken out.
  private long heard;

  /// The leader's count that is compared once its revision was heard.
  private Optional<BucketFacts> due = Optional.empty();

  /// By how many keys the leader's count differs without anything being unheard.
  private long surplus;

  private long suspected;

  KeyIds keys() {
    return keys;
  }

  long revision() {
    return revision;
  }

  Instant created() {
    return created;
  }

  /// Only a snapshot can continue this.
  void forget() {
    known = false;
  }

  boolean known() {
    return known;
  }

  void onSnapshotBegun(BucketFacts facts) {
    keys.clear();
    created = facts.created();
    revision = 0;
    heard = 0;
    at = Instant.MIN;
    known = false;
    due = Optional.empty();
  }

  /// @param before what the leader said before the snapshot began; where something newer was heard
  ///   since, that is old and speaks against nothing
  /// @return as [#onFacts]
  Optional<String> onSnapshotEnded(BucketFacts before) {
    known = true;
    return wentBack(before) ? Optional.empty() : onFacts(before);
  }

  /// @return why the bucket cannot have given this; empty = it can
  Optional<String> onEntry(long entryRevision, Instant entryAt) {
    if (entryRevision <= revision) {
      return Optional.of("revision " + entryRevision + " came after " + revision);
    }
    revision = entryRevision;
    heard = entryRevision;
    at = entryAt;
    return Optional.empty();
  }

  /// Why a stream cannot go on from here; empty = it can.
  Optional<String> objection(Connection connection, String bucket, BucketFacts facts)
      throws IOException, JetStreamApiException {
    Optional<String> other = otherBucket(facts);
    if (other.isPresent() || revision == 0) {
      return other;
    }
    try {
      MessageInfo stands =
          NatsLink.management(connection).getMessage(Delivery.stream(bucket), revision);
      return stands.getTime().toInstant().equals(at)
          ? Optional.empty()
          : Optional.of("revision " + revision + " is of another time");
    } catch (JetStreamApiException e) {
      // mostly its key was written again since; nothing proves that the rest is as it was
      return Optional.of("revision " + revision + " stands no more");
    }
  }

  private Optional<String> otherBucket(BucketFacts facts) {
    if (!facts.created().equals(created)) {
      return Optional.of("the bucket was made anew");
    }
    return wentBack(facts)
        ? Optional.of("the bucket went back from revision " + heard + " to " + facts.last())
        : Optional.empty();
  }

  /// It is the bucket that was heard, but has less than was heard.
  boolean wentBack(BucketFacts facts) {
    return known && facts.created().equals(created) && facts.last() < heard;
  }

  /// Takes the leader's word in.
  ///
  /// @return why only a snapshot tells what the bucket holds now; empty = nothing speaks against
  Optional<String> onFacts(BucketFacts facts) {
    Optional<String> other = otherBucket(facts);
    if (other.isPresent()) {
      if (!wentBack(facts)) {
        forget(); // otherwise whoever opens next has patience
      }
      return other;
    }
    due = Optional.of(facts);
    return unheard();
  }

  /// Compares the count, once the revision that it was made at was heard.
  ///
  /// @return as [#onFacts]
  Optional<String> unheard() {
    if (due.isEmpty() || heard < due.get().last()) {
      return Optional.empty();
    }
    BucketFacts facts = due.get();
    due = Optional.empty();
    if (heard > facts.last()) {
      return Optional.empty(); // went past while the leader was asked: next time
    }
    long difference = facts.keys() - keys.size();
    if (difference != surplus && difference != suspected) {
      suspected = difference;
      forget();
      return Optional.of("the bucket has " + facts.keys() + " keys, heard were " + keys.size());
    }
    surplus = difference;
    suspected = difference;
    return Optional.empty();
  }

  /// Whether the leader's word waits for what it speaks of.
  boolean waits() {
    return due.isPresent();
  }

  /// The stream has been idle since the leader spoke: what of that did not come will not come.
  void onQuiet() {
    due.ifPresent(facts -> heard = Math.max(heard, facts.last()));
  }
}
