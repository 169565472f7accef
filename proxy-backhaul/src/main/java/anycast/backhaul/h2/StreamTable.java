package anycast.backhaul.h2;

import io.netty.util.collection.IntObjectHashMap;
import java.util.Arrays;
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
  private static final int MAX_REMEMBERED = 1024;
  // Most connections close few streams: the memory grows as it fills.
  private static final int FIRST_REMEMBERED = 16;

  private final IntObjectHashMap<Stream> streams = new IntObjectHashMap<>();
  private int[] pastIds = new int[FIRST_REMEMBERED];
  private Past[] pasts = new Past[FIRST_REMEMBERED];
  private int next;

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
    if (next == pastIds.length && next < MAX_REMEMBERED) {
      pastIds = Arrays.copyOf(pastIds, next * 2);
      pasts = Arrays.copyOf(pasts, next * 2);
    }
    next = next == pastIds.length ? 0 : next;
    pastIds[next] = id;
    pasts[next++] = how;
  }

  Past past(int id) {
    // The latest word on an id, if there are two, lies closest before `next`.
    for (int i = next - 1, n = pastIds.length; n > 0; n--, i--) {
      i = i < 0 ? pastIds.length - 1 : i;
      if (pastIds[i] == id) {
        return pasts[i];
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
