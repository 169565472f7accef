package anycast.ctl.supervise;

import anycast.backhaul.watchdog.HostSlot;
import anycast.backhaul.watchdog.HostSlot.Turn;
import java.time.Duration;
import java.util.Optional;

/// Which of the services that missed their beat is killed now: one after the other, so that what
/// stalls all of them does not make all of them start cold at once. Shared with the watchdogs
/// inside of the services, if there is a slot for the host.
///
/// **Threading.** One thread. **Limits.** A process that does not die within [HostSlot#SPACING]
/// holds nobody up any longer.
final class KillTurn implements AutoCloseable {
  private static final Duration PATIENCE = HostSlot.SPACING;

  private final Optional<HostSlot> slot;

  /// Empty = nobody's turn.
  private String holder = "";

  private long takenNanos;

  KillTurn(Optional<HostSlot> slot) {
    this.slot = slot;
  }

  /// Asks once; who has it already may ask again.
  boolean take(String service, int pid, String reason, long nowNanos) {
    if (holder.equals(service)) {
      return true;
    }
    if (!holder.isEmpty() && nowNanos - takenNanos < PATIENCE.toNanos()) {
      return false;
    }
    boolean ours = slot.isEmpty() || slot.get().tryTake(pid, service + ": " + reason) == Turn.TAKEN;
    if (ours) {
      holder = service;
      takenNanos = nowNanos;
    }
    return ours;
  }

  /// The process is gone, or was spared.
  void give(String service) {
    if (holder.equals(service)) {
      holder = "";
      close();
    }
  }

  @Override
  public void close() {
    slot.ifPresent(HostSlot::close);
  }
}
