package anycast.routing.feed;

import anycast.routing.feed.FeedStatus.Resnapshot;
import anycast.routing.feed.FeedStatus.SkippedRow;
import anycast.routing.feed.FeedStatus.TableStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// One feed's mirror with what an operator wants to know about its stream.
///
/// **Threading.** The core's; [#seen] is for all, published by one volatile write a batch.
final class TableFeed {
  /// What other threads see.
  ///
  /// @param status its age is filled in by the reader
  /// @param following whether what the mirror holds is what the source says now
  /// @param asOfNanos when it was last known to be what the source said
  record Seen(
      TableStatus status,
      List<SkippedRow> skipped,
      boolean following,
      long lastEventNanos,
      long asOfNanos) {}

  private final FeedId feed;
  private final TableMirror mirror;
  private final Claims claims;
  private final TableMirror.Effects effects;
  private final BeatWatch beats;
  private final Deque<Resnapshot> reasons = new ArrayDeque<>();
  private boolean connected;
  private long snapshots;
  private long changes;
  private long resnapshots;

  /// Whether the next snapshot's reason is known.
  private boolean due;

  private long askedNanos;
  private long lastEventNanos;
  private boolean heard;
  private long asOfNanos;
  private String lastLoss = "";
  private volatile Seen seen;

  /// @param beats of its source
  TableFeed(FeedId feed, TableMirror mirror, Claims claims, BeatWatch beats, Moment now) {
    this.feed = feed;
    this.mirror = mirror;
    this.claims = claims;
    this.effects = claims.add(feed, mirror);
    this.beats = beats;
    this.asOfNanos = now.nanos();
    publish();
  }

  FeedId feed() {
    return feed;
  }

  TableMirror mirror() {
    return mirror;
  }

  Claims claims() {
    return claims;
  }

  TableMirror.Effects effects() {
    return effects;
  }

  BeatWatch beats() {
    return beats;
  }

  Seen seen() {
    return seen;
  }

  /// When the last snapshot that began was asked for.
  long askedNanos() {
    return askedNanos;
  }

  boolean connected() {
    return connected;
  }

  /// Whether a snapshot was asked for that has not come yet.
  boolean due() {
    return due;
  }

  boolean loaded() {
    return snapshots > 0;
  }

  /// Whether what is in force is what its source says now, as far as anybody can know.
  boolean following() {
    return connected && mirror.state() == TableMirror.State.FOLLOWING;
  }

  void onEvent(Moment now) {
    lastEventNanos = now.nanos();
    heard = true;
  }

  void onConnected(Moment now) {
    connected = true;
    if (feed.table() == Table.BEATS) {
      beats.onConnected(now);
    }
  }

  /// A snapshot begins; where it is not the first and nobody here asked for it, the loss before it
  /// is why.
  ///
  /// @param askedNanos when it was asked for
  void onBegun(long askedNanos, Moment now) {
    this.askedNanos = askedNanos;
    if (loaded() && !connected && !due) {
      onResnapshot("it could not go on after this: " + lastLoss, now);
    }
  }

  void onSnapshot() {
    snapshots++;
    due = false;
  }

  void onChange() {
    changes++;
  }

  /// What was read from disk is as old as that.
  void onPreloaded(long nanos) {
    asOfNanos = nanos - asOfNanos < 0 ? nanos : asOfNanos;
  }

  /// Called before an event that may end the following: until now it was known to be current.
  void settleAge() {
    if (following() && beats.seen()) {
      asOfNanos = later(asOfNanos, beats.movedNanos());
    }
  }

  /// Called after an event that shows that the stream speaks. Where there are beats that is not
  /// enough: an agent that is cut off from its cluster resumes and tells snapshots as well.
  void onCurrent(Moment now) {
    if (following() && !beats.seen()) {
      asOfNanos = now.nanos();
    }
  }

  /// @return whether this is news: an agent that stays away is not told about at each try
  boolean onLost(String reason) {
    String legible = Legible.text(reason);
    boolean news = connected || !legible.equals(lastLoss);
    connected = false;
    lastLoss = legible;
    return news;
  }

  void onResnapshot(String reason, Moment now) {
    resnapshots++;
    due = true;
    if (reasons.size() == FeedStatus.MAX_REASONS) {
      reasons.removeFirst();
    }
    reasons.addLast(new Resnapshot(now.millis(), Legible.text(reason)));
  }

  void publish() {
    RowStore rows = mirror.rows();
    TableStatus status =
        new TableStatus(
            feed,
            connected,
            loaded(),
            mirror.watermark(),
            rows.keyCount(),
            rows.skippedCount(),
            rows.previousServes(),
            claims.retained(feed),
            heard ? 0 : -1,
            snapshots,
            changes,
            resnapshots,
            List.copyOf(reasons),
            lastLoss);
    seen = new Seen(status, List.copyOf(mirror.skipped()), following(), lastEventNanos, asOfNanos);
  }

  /// How old what this feed holds is.
  ///
  /// Where it follows and its source has beats: since one of them moved, because a quiet table and
  /// a dead stream look the same. Where its source has none, following is all that can be known.
  /// Where it does not follow: since it last did.
  long ageNanos(Moment now) {
    Seen known = seen;
    if (known.following() && !beats.seen()) {
      return 0;
    }
    long asOf =
        known.following() ? later(known.asOfNanos(), beats.movedNanos()) : known.asOfNanos();
    return Math.max(0, now.nanos() - asOf);
  }

  /// A ticker's origin is arbitrary, so two of its instants compare by their difference only.
  private static long later(long oneNanos, long otherNanos) {
    return oneNanos - otherNanos > 0 ? oneNanos : otherNanos;
  }

  /// For any thread.
  TableStatus status(Moment now) {
    Seen known = seen;
    TableStatus s = known.status();
    long age = s.ageNanos() < 0 ? -1 : Math.max(0, now.nanos() - known.lastEventNanos());
    return new TableStatus(
        s.feed(),
        s.connected(),
        s.loaded(),
        s.watermark(),
        s.rows(),
        s.skipped(),
        s.previousServes(),
        s.retained(),
        age,
        s.snapshots(),
        s.changes(),
        s.resnapshots(),
        s.reasons(),
        s.lastLoss());
  }
}
