package anycast.backhaul.runtime;

import anycast.routing.feed.AuditReport;
import anycast.routing.feed.FeedStatus;
import anycast.routing.feed.FeedStatus.OriginStatus;
import anycast.routing.feed.FeedStatus.SourceStatus;
import anycast.routing.feed.FeedStatus.TableStatus;
import anycast.routing.feed.Freshness;
import anycast.routing.feed.lastgood.LastGoodStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What `/state` answers: where the table comes from, how old it is, and what is wrong with it.
/// Ages are reckoned here, so that the reader's clock does not matter.
///
/// @param version of the snapshot in force
/// @param lastGood null where nothing was read from disk
/// @param onDisk what the next start would begin with
/// @param quarantine what is not in force although a source says it
/// @param audit null where none has ended yet
public record StateView(
    long version,
    Fresh freshness,
    List<Source> sources,
    List<Feed> tables,
    List<Origin> origins,
    List<Skipped> skipped,
    LastGood lastGood,
    OnDisk onDisk,
    QuarantineView.Line quarantine,
    Audit audit) {
  /// What this process has beside its feeds.
  ///
  /// @param version of the snapshot in force
  record Kept(long version, QuarantineView.Line quarantine, Optional<LastGoodStatus> onDisk) {}

  static StateView of(Kept kept, FeedStatus feed, Freshness.Verdict verdict, long nowMillis) {
    return new StateView(
        kept.version(),
        Fresh.of(verdict),
        feed.sources().stream().map(Source::of).toList(),
        feed.tables().stream().map(table -> Feed.of(table, nowMillis)).toList(),
        feed.origins().stream().map(Origin::of).toList(),
        feed.skipped().stream().map(Skipped::of).toList(),
        LastGood.of(feed, nowMillis),
        OnDisk.of(kept.onDisk(), nowMillis),
        kept.quarantine(),
        Audit.of(feed, nowMillis));
  }

  /// Whether what is known is too old to serve.
  ///
  /// @param verdict `fresh`; `stale`, where nobody is known to know more; `behind`, where `peer`
  ///   does
  /// @param peer empty unless behind
  public record Fresh(boolean ready, String verdict, long ageMs, String peer, Long peerAgeMs) {
    static Fresh of(Freshness.Verdict verdict) {
      long ageMs = millis(verdict.ageNanos());
      return switch (verdict) {
        case Freshness.Fresh _ -> new Fresh(true, "fresh", ageMs, "", null);
        case Freshness.StaleButNoPeerIsFresher _ -> new Fresh(true, "stale", ageMs, "", null);
        case Freshness.Behind(var peer, long peerAgeNanos, _) ->
            new Fresh(false, "behind", ageMs, peer.value(), millis(peerAgeNanos));
      };
    }

    /// Why the process is not ready; empty where this is no reason.
    String reason() {
      return ready
          ? ""
          : "state is "
              + ageMs / 1000
              + " s old here, and only "
              + peerAgeMs / 1000
              + " s at "
              + peer
              + ": requests are served better elsewhere";
    }
  }

  /// @param beatAgeMs time since any beat of it last moved; null where there was none
  /// @param reopened how often its streams were opened anew, because they were silent
  public record Source(String source, Long beatAgeMs, long reopened) {
    static Source of(SourceStatus source) {
      return new Source(source.source(), age(source.beatAgeNanos()), source.reopened());
    }
  }

  /// One table of one source. Its components are the keys of the answer.
  ///
  /// @param agent who serves the stream
  /// @param ageMs time since the last event; null where there was none
  /// @param previousServes those of the skipped rows whose version before is in force
  /// @param retained rows in force that no stream vouches for; null = none
  /// @param lastLoss why its stream was last lost; empty = never
  public record Feed(
      String source,
      String table,
      String agent,
      boolean connected,
      boolean loaded,
      String stream,
      long watermark,
      Long ageMs,
      int rows,
      int skipped,
      int previousServes,
      Retained retained,
      long snapshots,
      long changes,
      long resnapshots,
      List<Resnapshot> reasons,
      String lastLoss) {
    static Feed of(TableStatus table, long nowMillis) {
      return new Feed(
          table.feed().source(),
          table.table().label(),
          table.watermark().source(),
          table.connected(),
          table.loaded(),
          table.watermark().stream(),
          table.watermark().position(),
          age(table.ageNanos()),
          table.rows(),
          table.skipped(),
          table.previousServes(),
          table.retained().map(retained -> Retained.of(retained, nowMillis)).orElse(null),
          table.snapshots(),
          table.changes(),
          table.resnapshots(),
          table.reasons().stream()
              .map(each -> new Resnapshot(Math.max(0, nowMillis - each.atMillis()), each.reason()))
              .toList(),
          table.lastLoss());
    }
  }

  /// @param goesInMs time after which another snapshot that lacks them removes them; null = the
  ///   first snapshot decides
  public record Retained(int rows, String why, long ageMs, Long goesInMs) {
    static Retained of(FeedStatus.Retained retained, long nowMillis) {
      return new Retained(
          retained.rows(),
          retained.why(),
          Math.max(0, nowMillis - retained.sinceMillis()),
          retained.untilMillis() == 0 ? null : Math.max(0, retained.untilMillis() - nowMillis));
    }
  }

  /// Why a snapshot was asked anew.
  public record Resnapshot(long ageMs, String reason) {}

  /// A node's last sign of life, as one source tells it.
  ///
  /// @param toldAgeMs how old what that node knew was when it wrote
  public record Origin(String source, String node, long seq, long ageMs, long toldAgeMs) {
    static Origin of(OriginStatus origin) {
      return new Origin(
          origin.source(),
          origin.node().value(),
          origin.seq(),
          millis(origin.ageNanos()),
          origin.toldAgeMillis());
    }
  }

  /// A row that could not be used.
  ///
  /// @param previousServes whether the version before it is in force
  public record Skipped(
      String source, String table, String row, String reason, boolean previousServes) {
    static Skipped of(FeedStatus.SkippedRow row) {
      return new Skipped(
          row.feed().source(), row.table().label(), row.row(), row.reason(), row.previousServes());
    }
  }

  /// @param serves whether it still is what is served, at least in part
  public record LastGood(long savedAtMs, long ageMs, int entities, boolean serves) {
    static LastGood of(FeedStatus feed, long nowMillis) {
      return feed.lastGood()
          .map(read ->
              new LastGood(
                  read.savedAtMillis(),
                  Math.max(0, nowMillis - read.savedAtMillis()),
                  read.entities(),
                  feed.servesLastGood()))
          .orElse(null);
    }
  }

  /// What is on disk for the next start.
  ///
  /// @param kept whether a directory is configured; all else is null where not
  /// @param savedAgeMs how old the saved truth is; null before this process saved one
  public record OnDisk(boolean kept, LastGoodStatus status, Long savedAgeMs) {
    static OnDisk of(Optional<LastGoodStatus> disk, long nowMillis) {
      return disk.map(
              now -> {
                boolean saved = now.saved().generation() > 0;
                long age = Math.max(0, nowMillis - now.saved().asOfMillis());
                return new OnDisk(true, now, saved ? age : null);
              })
          .orElse(new OnDisk(false, null, null));
    }
  }

  /// An audit that ended.
  ///
  /// @param differences all that were found; `named` lists some of them
  public record Audit(
      long atMs,
      long ageMs,
      long tookMs,
      long differences,
      List<TableAudit> tables,
      List<Difference> named) {
    static Audit of(FeedStatus feed, long nowMillis) {
      return feed.audit().map(report -> of(report, nowMillis)).orElse(null);
    }

    private static Audit of(AuditReport report, long nowMillis) {
      return new Audit(
          report.atMillis(),
          Math.max(0, nowMillis - report.atMillis()),
          report.tookMillis(),
          report.differences(),
          report.tables().stream().map(TableAudit::of).toList(),
          report.named().stream().map(Difference::of).toList());
    }
  }

  /// @param notCompared why not; empty = it was
  public record TableAudit(
      String source,
      String table,
      String notCompared,
      long rows,
      long missing,
      long ghosts,
      long different,
      long repaired,
      boolean resnapshot) {
    static TableAudit of(AuditReport.TableAudit audit) {
      return new TableAudit(
          audit.feed().source(),
          audit.feed().table().label(),
          audit.notCompared(),
          audit.rows(),
          audit.missing(),
          audit.ghosts(),
          audit.different(),
          audit.repaired(),
          audit.resnapshot());
    }
  }

  /// @param where `mirror`: the feed differs from its source; `table`: what requests read differs
  ///   from the feed
  /// @param kind `missing`, `ghost` or `different`
  public record Difference(String source, String table, String where, String kind, String row) {
    static Difference of(AuditReport.Difference difference) {
      return new Difference(
          difference.feed().source(),
          difference.feed().table().label(),
          difference.where().name().toLowerCase(Locale.ROOT),
          difference.kind().name().toLowerCase(Locale.ROOT),
          difference.row());
    }
  }

  private static Long age(long nanos) {
    return nanos < 0 ? null : millis(nanos);
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
