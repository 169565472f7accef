package anycast.routing.feed.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a bucket's leader says, beside what was heard of the bucket.
final class BucketPlaceTest {
  private static final Instant BORN = Instant.EPOCH;

  private final BucketPlace place = new BucketPlace();

  @Test
  void rowThatIsWrittenWhileASnapshotIsReadIsNoStepBack() {
    BucketFacts before = new BucketFacts(BORN, 5, 0);
    place.onSnapshotBegun(before);
    hear(6);
    assertEquals(Optional.empty(), place.onSnapshotEnded(before));
    assertTrue(place.known());
  }

  @Test
  void bucketThatHasLessThanWasHeardWentBack() {
    place.onSnapshotBegun(new BucketFacts(BORN, 6, 0));
    hear(6);
    assertEquals(Optional.empty(), place.onSnapshotEnded(new BucketFacts(BORN, 6, 0)));
    assertEquals(
        Optional.of("the bucket went back from revision 6 to 5"),
        place.onFacts(new BucketFacts(BORN, 5, 0)));
  }

  @Test
  void bucketOfTheSameNameThatWasMadeAnewIsAnotherOne() {
    place.onSnapshotBegun(new BucketFacts(BORN, 6, 0));
    hear(6);
    BucketFacts other = new BucketFacts(BORN.plusSeconds(1), 9, 0);
    assertEquals(Optional.of("the bucket was made anew"), place.onSnapshotEnded(other));
    assertFalse(place.known());
  }

  private void hear(long revision) {
    assertEquals(Optional.empty(), place.onEntry(revision, BORN.plusSeconds(revision)));
  }
}
