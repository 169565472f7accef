package anycast.routing.feed;

import anycast.routing.feed.FeedStatus.SkippedRow;
import anycast.routing.feed.FeedStatus.TableStatus;
import java.util.List;
import java.util.Optional;

/// One table's mirror with what an operator wants to know about its stream.
///
/// **Threading.** The follower's; [#seen] is for all, published by one volatile write a batch.
final class TableFeed {
  /// What other threads see.
  record Seen(TableStatus status, List<SkippedRow> skipped, long lastEventNanos) {}

  private final Table table;
  private final TableMirror mirror;
  private boolean connected;
  private long snapshots;
  private long lastEventNanos;
  private boolean heard;
  private String lastLoss = "";
  private volatile Seen seen;

  TableFeed(Table table) {
    this.table = table;
    this.mirror = new TableMirror(table);
    publish();
  }

  TableMirror mirror() {
    return mirror;
  }

  Seen seen() {
    return seen;
  }

  boolean loaded() {
    return snapshots > 0;
  }

  /// Whether what is in force is what its source says now, as far as anybody can know.
  boolean current() {
    return connected && loaded();
  }

  void onEvent(long nowNanos) {
    lastEventNanos = nowNanos;
    heard = true;
  }

  void onConnected() {
    connected = true;
  }

  void onSnapshot() {
    snapshots++;
  }

  /// @return whether this is news: an agent that stays away is not told about at each try
  boolean onLost(String reason) {
    String legible = Legible.text(reason);
    boolean news = connected || !legible.equals(lastLoss);
    connected = false;
    lastLoss = legible;
    return news;
  }

  void publish() {
    TableStatus status =
        new TableStatus(
            new FeedId("state", table),
            connected,
            loaded(),
            mirror.watermark(),
            mirror.rowCount(),
            mirror.skipped().size(),
            0,
            Optional.empty(),
            heard ? 0 : -1,
            snapshots,
            0,
            0,
            List.of(),
            lastLoss);
    List<SkippedRow> named =
        mirror.skipped().isEmpty()
            ? List.of()
            : mirror.skipped().values().stream().limit(FeedStatus.MAX_NAMED_ROWS).toList();
    seen = new Seen(status, named, lastEventNanos);
  }
}
