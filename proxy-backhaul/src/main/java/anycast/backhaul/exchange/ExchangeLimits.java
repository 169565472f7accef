package anycast.backhaul.exchange;

import io.netty.util.internal.PlatformDependent;

/// What the exchanges of one process may hold and do beside passing bytes on.
///
/// @param keptBytes of one idempotent request's body, kept so that it can be sent again after a
///   worker took it; others are kept as far as [Connector#replayBytes] says
/// @param keptBytesInAll of all bodies that are kept, held for a wait or on their way to a copy
/// @param awaiting exchanges that wait for a candidate
/// @param awaitingOfOwner of these, those of one app or virtual service
/// @param copies under way
/// @param copyLagBytes that one copy may be behind its original
public record ExchangeLimits(
    int keptBytes,
    long keptBytesInAll,
    int awaiting,
    int awaitingOfOwner,
    int copies,
    int copyLagBytes) {
  /// 1 MiB holds what forms and API calls send; 64 MiB in all is 1,024 first windows of links or 64
  /// bodies of full size, and never more than an eighth of what buffers may have. 1,024 waiting
  /// requests planned anew every 50 ms are 20,000 plans a second, a few hundredths of a core, and
  /// one owner has a quarter of them. 256 copies that lag by 256 KiB are these 64 MiB.
  public static ExchangeLimits usual() {
    long inAll = Math.min(64L << 20, PlatformDependent.maxDirectMemory() / 8);
    return new ExchangeLimits(1 << 20, inAll, 1024, 256, 256, 256 << 10);
  }
}
