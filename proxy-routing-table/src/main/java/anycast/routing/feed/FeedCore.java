package anycast.routing.feed;

import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events in, deltas out: what follows from what sources say.
///
/// ```
///  (FeedId, event) ──► mirror by rowid ──► claims: who owns the key? ──► Delta ──► Publication
///        tick ──► withheld rows, silence, audit ──► Requests
/// ```
///
/// **Threading.** One thread's; has no thread, clock or chance of its own: the same events at the
/// same moments end in the same table. [#status], [#ageNanos], [#peers], [#beats] and [#changes]
/// are for any thread and never wait. **Faults.** A row that cannot be used keeps its version
/// before and is named. A missing position, or an exception that a bug throws, costs one feed's
/// snapshot anew; what is in force stays.
public final class FeedCore {
  private static final Logger LOG = LoggerFactory.getLogger(FeedCore.class);

  /// An audit comes at another time on each host: they share agents.
  private static final double AUDIT_JITTER = 0.2;

  private final FeedLimits limits;
  private final Requests requests;
  private final RandomGenerator random;
  private final Interned shared = Interned.places();

  // These never change after construction. Beats are claimed by nobody: each source tells its own.
  private final Map<FeedId, TableFeed> feeds = new LinkedHashMap<>();
  private final Map<Table, Claims> claims = new EnumMap<>(Table.class);
  private final Map<String, BeatWatch> beats = new LinkedHashMap<>();

  private final Publication publication;
  private final Outbox outbox;
  private final Set<TableFeed> touched = new LinkedHashSet<>();
  private final StateLog log = new StateLog();
  private final FeedOverview overview = new FeedOverview(feeds.values(), beats.values());
  private final Verdicts verdicts = new Verdicts();
  private Moment now;

  /// Whose beats are being taken in.
  private BeatWatch speaking;

  private Outdated outdated = Outdated.NONE;
  private AuditRun audit;
  private long nextAuditNanos;

  /// @param feeds at least one; of several feeds of a table the first shows what is retained
  public FeedCore(
      List<FeedId> feeds,
      FeedLimits limits,
      Publication publication,
      Requests requests,
      RandomGenerator random,
      Moment now) {
    this.limits = limits;
    this.requests = requests;
    this.random = random;
    this.now = now;
    this.publication = publication;
    this.outbox = new Outbox(publication, now);
    for (FeedId id : feeds) {
      Claims table =
          id.table() == Table.BEATS
              ? new Claims(Table.BEATS, limits, verdicts)
              : claims.computeIfAbsent(id.table(), of -> new Claims(of, limits, verdicts));
      BeatWatch watch =
          beats.computeIfAbsent(id.source(), of -> new BeatWatch(of, limits.silence()));
      TableMirror mirror = new TableMirror(id, shared, publication.documents());
      if (this.feeds.put(id, new TableFeed(id, mirror, table, watch, now)) != null) {
        throw new IllegalArgumentException("a feed is there twice: " + id);
      }
    }
    planAudit();
  }

  /// Puts what was saved in force, before any event. Entities of tables that no feed feeds are left
  /// out.
  ///
  /// @param entities quickest where those of one app are neighbours
  /// @param savedAtMillis wall clock when a source last vouched for them
  public void preload(Iterable<? extends Entity> entities, long savedAtMillis, Moment now) {
    this.now = now;
    outbox.because(Cause.LAST_GOOD, now);
    int ours = 0;
    for (Entity entity : entities) {
      Claims table = claims.get(RowCodec.table(entity));
      if (table != null) {
        table.preload(entity, now);
        ours++;
      }
    }
    outbox.flush();
    long age = TimeUnit.MILLISECONDS.toNanos(Math.max(0, now.millis() - savedAtMillis));
    for (TableFeed feed : feeds.values()) {
      feed.onPreloaded(now.nanos() - age);
      feed.publish();
    }
    overview.noteLastGood(savedAtMillis, ours);
    LOG.info("{} entities of last-good are in force, {} s old", ours, age / 1_000_000_000L);
  }

  /// Takes in a batch and publishes what it changed, once.
  public void onEvents(List<Arrival> batch, Moment now) {
    this.now = now;
    outdated = Outdated.of(batch);
    for (Arrival arrival : batch) {
      TableFeed feed = feeds.get(arrival.feed());
      if (feed == null) {
        LOG.error("an event of a feed that nobody announced: {}", arrival.event());
        continue;
      }
      touched.add(feed);
      try {
        onEvent(feed, arrival.event());
      } catch (RuntimeException e) {
        LOG.error("a bug in following {}", arrival.feed(), e);
        distrust(feed, "a bug: " + e);
      }
    }
    settle();
    log.onBatch(feeds.values());
  }

  /// To be called a few times a second, whether something happened or not.
  public void onTick(Moment now) {
    this.now = now;
    String again = "rows are withheld until a second snapshot lacks them too";
    claims.values().forEach(table -> table.ask(now, feed -> resnapshot(feeds.get(feed), again)));
    take(publication.turn(now, loaded()));
    for (TableFeed feed : feeds.values()) {
      if (feed.feed().table() == Table.BEATS) {
        feed.beats().onTick(feed.connected(), now, requests);
      }
    }
    if (audit != null && audit.isOver(now)) {
      finishAudit();
    }
    if (audit == null && limits.auditEvery().isPositive() && now.nanos() - nextAuditNanos >= 0) {
      planAudit();
      requests.audit();
    }
    settle();
  }

  /// An operator says that withheld rows may go: those of one feed, or all. What was read from disk
  /// stays until a source has spoken.
  ///
  /// @return rows that went
  public int accept(Optional<FeedId> feed, Moment now) {
    this.now = now;
    outbox.because(Cause.OPERATOR, now);
    int count = claims.values().stream().mapToInt(table -> table.accept(feed)).sum();
    touched.addAll(feeds.values());
    settle();
    LOG.info("an operator let {} withheld rows go", count);
    return count;
  }

  /// An operator wants a new snapshot.
  public void resync(FeedId feed, Moment now) {
    this.now = now;
    if (feeds.containsKey(feed)) {
      LOG.info("{}: a snapshot is taken anew, an operator asked for it", feed);
      resnapshot(feeds.get(feed), "an operator asked for it");
      settle();
    }
  }

  private void onEvent(TableFeed feed, SourceEvent event) {
    TableMirror mirror = feed.mirror();
    feed.settleAge();
    if (!(event instanceof SourceEvent.Lost)) {
      feed.onEvent(now);
    }
    speaking = feed.beats();
    switch (event) {
      case SourceEvent.SnapshotBegun(_, OptionalLong askedNanos) -> {
        feed.onBegun(askedNanos.orElse(now.nanos()), now);
        feed.onConnected(now);
        mirror.onBegun();
      }
      case SourceEvent.Row(_, long rowid, Cells cells) ->
          mirror.onRow(rowid, cells, feed.effects());
      case SourceEvent.SnapshotEnded(_, Watermark at) -> onEnded(feed, at);
      case SourceEvent.Resumed _ -> feed.onConnected(now);
      case SourceEvent.Changed changed -> onChanged(feed, changed);
      case SourceEvent.Together(_, List<SourceEvent.Changed> changes) ->
          changes.forEach(changed -> onChanged(feed, changed));
      case SourceEvent.Lost(_, String reason) -> {
        boolean asked = feed.connected() && feed.due();
        if (feed.onLost(reason) && !asked) {
          log.onLoss(feed.feed(), Legible.text(reason));
        }
        mirror.onLost();
      }
    }
    feed.onCurrent(now);
  }

  private void onEnded(TableFeed feed, Watermark at) {
    RowStore was = feed.mirror().onEnded(at);
    if (was != null) {
      outbox.because(Cause.SNAPSHOT, now);
      feed.claims().onSnapshot(feed.feed(), was, feed.askedNanos(), now);
      feed.onSnapshot();
      feed.claims()
          .retained(feed.feed())
          .ifPresent(r -> LOG.warn("{}: {} rows are retained: {}", feed.feed(), r.rows(), r.why()));
      LOG.debug("{}: snapshot of {} rows in force", feed.feed(), feed.mirror().rows().keyCount());
    }
  }

  private void onChanged(TableFeed feed, SourceEvent.Changed changed) {
    long due = feed.mirror().watermark().position() + 1;
    outbox.because(Cause.CHANGE, now);
    switch (feed.mirror().onChanged(changed, outdated, feed.effects())) {
      case CONTINUED -> feed.onChange();
      case IGNORED -> {}
      case GAP ->
          distrust(feed, "change " + changed.position() + " came where " + due + " was due");
    }
  }

  private void distrust(TableFeed feed, String reason) {
    LOG.warn("{}: snapshot anew: {}", feed.feed(), Legible.text(reason));
    feed.onLost(reason);
    feed.mirror().distrust();
    resnapshot(feed, reason);
  }

  private void resnapshot(TableFeed feed, String reason) {
    feed.onResnapshot(reason, now);
    touched.add(feed);
    requests.resnapshot(feed.feed());
  }

  private void take(Publication.Turn turn) {
    outbox.because(Cause.ADMISSION, now);
    for (Entity entity : turn.due()) {
      verdicts.stirred(RowCodec.table(entity), entity.key());
      outbox.add(entity, entity);
    }
    feeds.values().stream()
        .filter(feed -> turn.reread().contains(feed.feed().table()) && !feed.due())
        .forEach(feed -> resnapshot(feed, "rows that were refused unread may be read again"));
  }

  private void settle() {
    outbox.flush();
    touched.forEach(TableFeed::publish);
    touched.clear();
  }

  private void planAudit() {
    double jitter = 1 + AUDIT_JITTER * (2 * random.nextDouble() - 1);
    nextAuditNanos = now.nanos() + (long) (limits.auditEvery().toNanos() * jitter);
  }

  /// An audit begins: from here on the core remembers which rows change. After this call each feed
  /// is to be read from its beginning, and what readers see beside it.
  ///
  /// @return feeds to be read
  /// @throws IllegalStateException where one is going on
  public List<FeedId> auditBegun(Moment now) {
    if (audit != null) {
      throw new IllegalStateException("an audit is going on");
    }
    audit = new AuditRun(List.copyOf(feeds.values()), publication, now);
    return audit.readable();
  }

  public boolean auditing() {
    return audit != null;
  }

  /// Some rows of a reading, in any order.
  public void onAuditRows(FeedId feed, List<ReadRow> rows) {
    if (audit != null) {
      audit.onRows(feed, rows);
    }
  }

  /// A reading ended.
  ///
  /// @param fault why it is worth nothing; empty = it is whole
  public void onAuditRead(FeedId feed, String fault, Moment now) {
    if (audit != null) {
      audit.onRead(feed, fault, now);
    }
  }

  /// Some entities of a snapshot that was in force at or after [#auditBegun], each once.
  public void onAuditInForce(List<Entity> entities) {
    if (audit != null) {
      audit.onInForce(entities);
    }
  }

  /// All entities of that snapshot were told. The audit ends in a later tick, when changes that
  /// were on their way while it was read have come in.
  public void onAuditInForceEnd(Moment now) {
    if (audit != null) {
      audit.onInForceEnd(now);
    }
  }

  private void finishAudit() {
    outbox.because(Cause.AUDIT, now);
    AuditReport report =
        audit.finish(
            now,
            new AuditRun.Repairs() {
              @Override
              public void table(Object found, Object expected) {
                outbox.add((Entity) found, (Entity) expected);
              }

              @Override
              public void resnapshot(TableFeed feed, String reason) {
                FeedCore.this.resnapshot(feed, reason);
              }
            });
    audit = null;
    overview.noteAudit(report);
    if (report.differences() > 0) {
      LOG.warn(
          "an audit found rows that differ and repairs them: {}; proxyctl state names them",
          report.differences());
    }
  }

  /// Whether there is something to serve: last-good, or a snapshot of each feed.
  boolean loaded() {
    return overview.hasLastGood() || feeds.values().stream().allMatch(TableFeed::loaded);
  }

  /// What became of the feeds. Any thread.
  public FeedStatus status(Moment now) {
    return overview.status(now);
  }

  /// How old what is known is: the oldest of all feeds. Any thread.
  public long ageNanos(Moment now) {
    return overview.ageNanos(now);
  }

  /// What the beats that came in say of the age of peers; a list of the caller's. Any thread.
  ///
  /// @param self who is no peer; null = nobody
  public List<Freshness.PeerAge> peers(NodeId self, Moment now) {
    return overview.peers(self, now);
  }

  /// Each node's last sign of life, from the source that heard of it last. Any thread.
  public Map<NodeId, BeatAge> beats(Moment now) {
    return overview.beats(now);
  }

  /// What changed. Any thread.
  public ChangeRing changes() {
    return outbox.ring();
  }

  /// What is no part of what is served takes effect at once, all else when the batch ends.
  private final class Verdicts implements Claims.Verdicts {
    @Override
    public void changed(Object before, Object after) {
      Object known = after == null ? before : after;
      switch (known) {
        case Entity _ -> outbox.add((Entity) before, (Entity) after);
        case Decoded.Beat beat when after == null -> speaking.onGone(beat.node());
        case Decoded.Beat beat -> speaking.onBeat(beat, now);
        case Decoded.Reject reject -> outbox.tell(reject, after != null);
        default -> throw new IllegalStateException("neither an entity nor a beat nor a reject");
      }
    }

    @Override
    public void stirred(Table table, Object key) {
      if (audit != null) {
        audit.onStirred(table, key);
      }
    }
  }
}
