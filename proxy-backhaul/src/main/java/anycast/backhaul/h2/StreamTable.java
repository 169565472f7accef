package anycast.backhaul.h2;

import io.netty.util.collection.IntObjectHashMap;
import java.util.function.Consumer;

/// Streams that are open, and what is known of those that are not: idle ids lie above the highest
/// used, of closed ones the last few are remembered with the way they ended.
final class StreamTable {
  /// How a stream that is not in the table ended.
  enum Past {
    /// We reset it: the peer's frames may have been under way, they are ignored.
    RESET_BY_US,
    /// The peer reset it and must know better.
    RESET_BY_PEER,
    /// Both sides ended it.
    ENDED,
    /// Too long ago, or skipped by the peer when it used a higher id.
    FORGOTTEN
  }

  // A round trip's worth of late frames; searched only when one comes.
  private static final int REMEMBERED = 1024;

  private final IntObjectHashMap<Stream> streams = new IntObjectHashMap<>();
  private final int[] pastIds;
  private final Past[] pasts;
  private int next;

  StreamTable(int maxStreams) {
    int length = Integer.highestOneBit(Math.clamp(maxStreams * 2, 16, REMEMBERED));
    pastIds = new int[length];
    pasts = new Past[length];
  }

  /// Null where it is not open.
  Stream find(int id) {
    return streams.get(id);
  }

  int size() {
    return streams.size();
  }

  boolean isEmpty() {
    return streams.isEmpty();
  }

  void add(Stream stream) {
    streams.put(stream.id(), stream);
  }

  void remove(int id, Past how) {
    streams.remove(id);
    remember(id, how);
  }

  void remember(int id, Past how) {
    pastIds[next] = id;
    pasts[next] = how;
    next = next + 1 & pastIds.length - 1;
  }

  Past past(int id) {
    for (int i = 1; i <= pastIds.length; i++) {
      int at = next - i & pastIds.length - 1;
      if (pastIds[at] == id) {
        return pasts[at];
      }
    }
    return Past.FORGOTTEN;
  }

  /// Calls for each stream open now; streams may open and close meanwhile.
  void each(Consumer<Stream> action) {
    Stream[] all = streams.values().toArray(new Stream[0]);
    for (Stream stream : all) {
      action.accept(stream);
    }
  }
}
