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
    at = Instant.MIN;
    known = false;
    due = Optional.empty();
  }

  void onSnapshotEnded() {
    known = true;
  }

  /// @return why the bucket cannot have given this; empty = it can
  Optional<String> onEntry(long entryRevision, Instant entryAt) {
    if (entryRevision <= revision) {
      return Optional.of("revision " + entryRevision + " came after " + revision);
    }
    revision = entryRevision;
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
    return facts.last() < revision
        ? Optional.of("the bucket went back from revision " + revision + " to " + facts.last())
        : Optional.empty();
  }

  /// Takes the leader's word in.
  ///
  /// @return why only a snapshot tells what the bucket holds now; empty = nothing speaks against
  Optional<String> onFacts(BucketFacts facts) {
    Optional<String> other = otherBucket(facts);
    if (other.isPresent()) {
      forget();
      return other;
    }
    due = Optional.of(facts);
    return unheard();
  }

  /// Compares the count, once the revision that it was made at was heard.
  ///
  /// @return as [#onFacts]
  Optional<String> unheard() {
    if (due.isEmpty() || revision < due.get().last()) {
      return Optional.empty();
    }
    BucketFacts facts = due.get();
    due = Optional.empty();
    if (revision > facts.last()) {
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

  /// An idle stream has heard all there is, also where the newest revisions were taken out.
  void onIdle(long last) {
    if (revision == 0 && last > 0) {
      revision = last;
    }
  }
}
