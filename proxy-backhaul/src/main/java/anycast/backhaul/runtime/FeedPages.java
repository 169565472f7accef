package anycast.backhaul.runtime;

import anycast.routing.admission.QuarantineDesk;
import anycast.routing.feed.AuditReport;
import anycast.routing.feed.BeatAge;
import anycast.routing.feed.ChangeRecord;
import anycast.routing.feed.ChangeRing;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedId;
import anycast.routing.feed.FeedStatus;
import anycast.routing.feed.Freshness;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.feed.lastgood.LastGoodStatus;
import anycast.routing.model.NodeId;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotShelf;
import anycast.routing.table.SnapshotShelf.Kept;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The admin pages that tell where the table comes from, what became of it, and what an operator
/// may do about it.
///
/// **Threading.** Admin threads; they read what the follower publishes and never wait for it.
/// **Limits.** [TableViews#MAX_ROWS] rows a page.
public final class FeedPages {
  private static final int USUAL_ROWS = 200;
  private static final Duration USUAL_SINCE = Duration.ofMinutes(15);
  private static final String NOW = "now";

  private final FeedFollower feed;
  private final RoutingTable table;
  private final SnapshotShelf shelf;
  private final InstantSource clock;
  private final Supplier<Optional<LastGoodStatus>> onDisk;
  private final QuarantinePages quarantine;

  /// What the last report was when an audit was asked for: while it still is, that audit runs. Null
  /// where none was asked for.
  private volatile Optional<AuditReport> auditBefore;

  public FeedPages(
      FeedFollower feed, RoutingTable table, SnapshotShelf shelf, InstantSource clock) {
    this(
        feed,
        table,
        shelf,
        clock,
        Optional::empty,
        new QuarantinePages(QuarantineDesk.NONE, AdmissionConfig.STANDARD, clock));
  }

  /// @param onDisk what is known of the table on disk; empty where none is kept
  /// @param quarantine about what is not in force
  public FeedPages(
      FeedFollower feed,
      RoutingTable table,
      SnapshotShelf shelf,
      InstantSource clock,
      Supplier<Optional<LastGoodStatus>> onDisk,
      QuarantinePages quarantine) {
    this.feed = feed;
    this.table = table;
    this.shelf = shelf;
    this.clock = clock;
    this.onDisk = onDisk;
    this.quarantine = quarantine;
  }

  /// The pages by path, to serve beside others.
  public Map<String, AdminAnswer> pages() {
    Map<String, AdminAnswer> pages = new HashMap<>(quarantine.pages());
    pages.put("/state", _ -> state());
    pages.put("/changes", query -> changes(new AdminQuery(query)));
    pages.put("/snapshots", _ -> snapshots());
    pages.put("/last-good", _ -> lastGood());
    pages.put("/diff", query -> diff(new AdminQuery(query)));
    pages.put("/audit", _ -> audit());
    pages.put("POST /audit", _ -> startAudit());
    pages.put("POST /resync", query -> resync(new AdminQuery(query)));
    pages.put("POST /accept", query -> accept(new AdminQuery(query)));
    return pages;
  }

  QuarantineDesk desk() {
    return quarantine.desk();
  }

  public FeedStatus status() {
    return feed.status();
  }

  Optional<LastGoodStatus> onDisk() {
    return onDisk.get();
  }

  private StateView.OnDisk lastGood() {
    return StateView.OnDisk.of(onDisk(), clock.millis());
  }

  /// Each node's last sign of life.
  public Map<NodeId, BeatAge> beats() {
    return feed.beats();
  }

  public Freshness.Verdict freshness() {
    return feed.freshness();
  }

  public StateView state() {
    return StateView.of(
        new StateView.Kept(table.current().version(), quarantine.line(), onDisk()),
        feed.status(),
        feed.freshness(),
        clock.millis());
  }

  /// Why the process should not be sent requests, as far as state is concerned.
  public List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    if (!feed.status().loaded()) {
      reasons.add("the routing table has not been loaded from state yet");
    }
    String behind = StateView.Fresh.of(feed.freshness()).reason();
    if (!behind.isEmpty()) {
      reasons.add(behind);
    }
    return reasons;
  }

  /// A version that is kept, or the current one.
  ///
  /// **Faults.** `IllegalArgumentException` that names what is kept.
  ///
  /// @param version a number, or `now`
  public Kept version(String version) {
    if (version.equals(NOW)) {
      return new Kept(table.current(), clock.millis());
    }
    List<Kept> kept = shelf.kept();
    String range =
        kept.isEmpty()
            ? "none is kept yet"
            : kept.size()
                + " versions between "
                + kept.getFirst().version()
                + " and "
                + kept.getLast().version()
                + " are kept, the oldest is "
                + Math.max(0, clock.millis() - kept.getFirst().atMillis()) / 1000
                + " s old";
    try {
      Kept one = shelf.at(Long.parseLong(version));
      if (one != null) {
        return one;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "a version is a number or now, not '" + LogText.escape(version) + "'; " + range, e);
    }
    throw new IllegalArgumentException(
        "version " + LogText.escape(version) + " is not kept; " + range);
  }

  /// @param currentVersion what requests read now
  public record Snapshots(long currentVersion, List<Snapshot> snapshots) {}

  /// @param changed rows changed since the kept version before it; null for the oldest
  public record Snapshot(
      long version, long atMs, long ageMs, RoutingSnapshot.Counts rows, Long changed) {}

  Snapshots snapshots() {
    long now = clock.millis();
    List<Snapshot> all = new ArrayList<>();
    Kept before = null;
    for (Kept one : shelf.kept()) {
      all.add(
          new Snapshot(
              one.version(),
              one.atMillis(),
              Math.max(0, now - one.atMillis()),
              one.snapshot().counts(),
              before == null ? null : one.snapshot().changes() - before.snapshot().changes()));
      before = one;
    }
    return new Snapshots(table.current().version(), all);
  }

  ChangesView changes(AdminQuery query) {
    long since = clock.millis() - query.length("since", USUAL_SINCE).toMillis();
    Optional<Table> only = query.table("table");
    int limit = query.rows("limit", USUAL_ROWS, TableViews.MAX_ROWS);
    ChangeRing.Page page = feed.changes().since(since);
    Predicate<ChangeRecord> wanted =
        record -> only.isEmpty() || RowCodec.table(record.key()) == only.get();
    String host = query.text("host");
    if (!host.isEmpty()) {
      wanted = wanted.and(new HostFilter(host, table.current(), page.records())::concerns);
    }
    return ChangesView.of(page, since, wanted, limit);
  }

  DiffView diff(AdminQuery query) {
    int limit = query.rows("limit", USUAL_ROWS, TableViews.MAX_ROWS);
    return DiffView.of(
        version(query.text("a")).snapshot(), version(query.text("b")).snapshot(), limit);
  }

  /// @param running whether one was asked for that has not ended
  /// @param last null where none has ended yet
  public record Audits(boolean running, StateView.Audit last) {}

  Audits audit() {
    FeedStatus now = feed.status();
    return new Audits(now.audit().equals(auditBefore), StateView.Audit.of(now, clock.millis()));
  }

  private Audits startAudit() {
    auditBefore = feed.status().audit();
    feed.audit();
    return audit();
  }

  /// Feeds that something was asked for.
  public record Asked(List<AskedFeed> feeds) {}

  /// @param rows rows that no stream vouches for, and that may go now; null where not asked about
  public record AskedFeed(String source, String table, Integer rows) {}

  Asked resync(AdminQuery query) {
    List<AskedFeed> asked = new ArrayList<>();
    for (FeedStatus.TableStatus one : chosen(query)) {
      feed.resync(one.feed());
      asked.add(new AskedFeed(one.feed().source(), one.table().label(), null));
    }
    return new Asked(asked);
  }

  /// Answers at once; the follower's next turn lets the rows go. What was read from disk stays
  /// until a source has spoken, whoever accepts what.
  Asked accept(AdminQuery query) {
    List<AskedFeed> asked = new ArrayList<>();
    for (FeedStatus.TableStatus one : chosen(query)) {
      if (one.retained().filter(rows -> rows.untilMillis() != 0).isPresent()) {
        feed.accept(Optional.of(one.feed()));
        asked.add(
            new AskedFeed(one.feed().source(), one.table().label(), one.retained().get().rows()));
      }
    }
    return new Asked(asked);
  }

  /// Feeds of the source and table that a query names; of all where it names none.
  private List<FeedStatus.TableStatus> chosen(AdminQuery query) {
    Optional<Table> only = query.table("table");
    String source = query.text("source");
    List<FeedStatus.TableStatus> all = feed.status().tables();
    List<FeedStatus.TableStatus> chosen =
        all.stream()
            .filter(one -> source.isEmpty() || one.feed().source().equals(source))
            .filter(one -> only.isEmpty() || one.table() == only.get())
            .toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "no such feed; there are "
              + String.join(
                  " ",
                  all.stream().map(FeedStatus.TableStatus::feed).map(FeedId::toString).toList()));
    }
    return chosen;
  }
}
