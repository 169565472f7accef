package anycast.routing.feed;

import anycast.routing.model.NodeId;
import java.util.Collection;

/// Whether what this process knows is too old to serve, given what it knows of its peers.
///
/// Being old is no reason to stop serving: the whole fleet is old when its state is gone, and if
/// all stopped then nobody would serve. Being older than somebody who could serve instead is.
///
/// **Threading.** Pure.
public final class Freshness {
  private Freshness() {}

  /// How old what a peer knows is, as far as can be told from here.
  public record PeerAge(NodeId peer, long ageNanos) {}

  /// What it comes to. `ageNanos` is this process' own age.
  public sealed interface Verdict {
    long ageNanos();
  }

  /// Not above the limit.
  public record Fresh(long ageNanos) implements Verdict {}

  /// Above the limit, and for all that is known everybody is: serve on.
  public record StaleButNoPeerIsFresher(long ageNanos) implements Verdict {}

  /// Above the limit while a peer is not: let it serve.
  public record Behind(NodeId peer, long peerAgeNanos, long ageNanos) implements Verdict {}

  /// Judges by the freshest peer. One that is above the limit itself is no evidence, though it may
  /// be younger: ages travel for a second or more, so small differences mean nothing.
  public static Verdict judge(long ownAgeNanos, Collection<PeerAge> peers, long limitNanos) {
    if (ownAgeNanos <= limitNanos) {
      return new Fresh(ownAgeNanos);
    }
    PeerAge freshest = null;
    for (PeerAge peer : peers) {
      if (freshest == null || peer.ageNanos() < freshest.ageNanos()) {
        freshest = peer;
      }
    }
    return freshest != null && freshest.ageNanos() <= limitNanos
        ? new Behind(freshest.peer(), freshest.ageNanos(), ownAgeNanos)
        : new StaleButNoPeerIsFresher(ownAgeNanos);
  }
}
