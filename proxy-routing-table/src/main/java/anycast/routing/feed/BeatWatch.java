package anycast.routing.feed;

import anycast.routing.feed.FeedStatus.OriginStatus;
import anycast.routing.model.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// One source's signs of life.
///
/// No stream has a heartbeat of its own: a half-open socket says nothing, as a quiet table does.
/// Beats are rows that the fleet's nodes rewrite all the time, so where they came and come no more,
/// either all nodes are gone or the streams are.
///
/// **Threading.** The core's writes; [#origins], [#movedNanos] and [#reopened] are for any thread.
final class BeatWatch {
  /// Opening anew doubles its distance up to this one: an agent that is cut off from its cluster is
  /// silent on every socket.
  private static final Duration MAX_PATIENCE = Duration.ofMinutes(5);

  /// @param toldAgeMillis how old what the node knew was
  record Origin(long seq, long atNanos, long toldAgeMillis) {}

  private final String source;
  private final long silenceNanos;
  private final Map<NodeId, Origin> origins = new ConcurrentHashMap<>();
  private long patienceNanos;
  private long patientSince;
  private volatile long movedNanos;
  private volatile boolean seen;
  private volatile long reopened;

  BeatWatch(String source, Duration silence) {
    this.source = source;
    this.silenceNanos = silence.toNanos();
    this.patienceNanos = silenceNanos;
  }

  /// The beats' stream is up: from now on it may be silent.
  void onConnected(Moment now) {
    patientSince = now.nanos();
  }

  void onBeat(Decoded.Beat beat, Moment now) {
    Origin before = origins.get(beat.node());
    if (before != null && before.seq() == beat.seq()) {
      return;
    }
    origins.put(beat.node(), new Origin(beat.seq(), now.nanos(), beat.ageMillis()));
    movedNanos = now.nanos();
    seen = true;
    patientSince = now.nanos();
    patienceNanos = silenceNanos;
  }

  void onGone(NodeId node) {
    origins.remove(node);
  }

  /// @param up whether the beats' stream is up
  void onTick(boolean up, Moment now, Requests requests) {
    if (up && seen && now.nanos() - patientSince > patienceNanos) {
      reopened++;
      patientSince = now.nanos();
      patienceNanos = Math.min(patienceNanos * 2, MAX_PATIENCE.toNanos());
      requests.reopen(source);
    }
  }

  Map<NodeId, Origin> origins() {
    return origins;
  }

  /// Whether there ever was a beat; [#movedNanos] means nothing before.
  boolean seen() {
    return seen;
  }

  long movedNanos() {
    return movedNanos;
  }

  FeedStatus.SourceStatus status(Moment now) {
    long ageNanos = seen ? Math.max(0, now.nanos() - movedNanos) : -1;
    return new FeedStatus.SourceStatus(source, ageNanos, reopened);
  }

  List<OriginStatus> origins(Moment now) {
    List<OriginStatus> list = new ArrayList<>();
    origins.forEach((node, beat) -> {
      long age = Math.max(0, now.nanos() - beat.atNanos());
      list.add(new OriginStatus(source, node, beat.seq(), age, beat.toldAgeMillis()));
    });
    return list;
  }
}
