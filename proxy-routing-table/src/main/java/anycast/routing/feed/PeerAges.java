package anycast.routing.feed;

import java.io.IOException;
import java.util.List;

/// Asks somebody else how old what the peers know is: another agent of the same state, beside any
/// stream.
///
/// **Threading.** Called on a virtual thread of the follower's, one call at a time, and may wait.
@FunctionalInterface
public interface PeerAges {
  /// The beats that the other agent has.
  List<Decoded.Beat> ask() throws IOException, InterruptedException;
}
