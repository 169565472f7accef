package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Freshness.Behind;
import anycast.routing.feed.Freshness.Fresh;
import anycast.routing.feed.Freshness.PeerAge;
import anycast.routing.feed.Freshness.StaleButNoPeerIsFresher;
import anycast.routing.model.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FreshnessTest {
  private static final NodeId SELF = new NodeId("self");
  private static final NodeId ONE = new NodeId("n1");
  private static final NodeId TWO = new NodeId("n2");

  @Test
  void isFreshUpToTheLimit() {
    assertEquals(new Fresh(30), Freshness.judge(30, List.of(new PeerAge(ONE, 1)), 30));
  }

  @Test
  void servesStaleWhileNobodyIsKnownToBeFresher() {
    assertEquals(new StaleButNoPeerIsFresher(31), Freshness.judge(31, List.of(), 30));
    PeerAge stale = new PeerAge(ONE, 31);
    assertEquals(new StaleButNoPeerIsFresher(1_000), Freshness.judge(1_000, List.of(stale), 30));
  }

  @Test
  void isBehindTheFreshestPeer() {
    List<PeerAge> peers = List.of(new PeerAge(ONE, 20), new PeerAge(TWO, 5), new PeerAge(ONE, 90));
    assertEquals(new Behind(TWO, 5, 31), Freshness.judge(31, peers, 30));
  }

  private static Decoded.Beat beat(NodeId node, long seq, long ageMillis) {
    return new Decoded.Beat(node, seq, 0, ageMillis);
  }

  @Test
  void beatThatNeverCameInHereIsEvidenceOnceItMoves() {
    PeerWatch watch = new PeerWatch(SELF);
    watch.onAnswer(List.of(beat(ONE, 7, 2)), _ -> -1, 0);
    assertTrue(watch.ages(0).isEmpty());
    watch.onAnswer(List.of(beat(ONE, 8, 2)), _ -> -1, 1_000_000);
    assertEquals(List.of(new PeerAge(ONE, 2_000_005)), watch.ages(1_000_005));
  }

  @Test
  void beatBeyondTheOneThatCameInIsEvidenceAtOnce() {
    PeerWatch watch = new PeerWatch(SELF);
    watch.onAnswer(List.of(beat(ONE, 7, 0), beat(TWO, 7, 0), beat(SELF, 9, 0)), _ -> 6, 0);
    assertEquals(2, watch.ages(0).size());
  }

  @Test
  void agentThatRepeatsWhatWeKnowIsNoEvidence() {
    PeerWatch watch = new PeerWatch(SELF);
    for (int i = 0; i < 3; i++) {
      watch.onAnswer(List.of(beat(ONE, 7, 0)), _ -> 7, i);
    }
    assertTrue(watch.ages(3).isEmpty());
  }
}
