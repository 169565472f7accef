package anycast.backhaul.watchdog;

import static anycast.backhaul.watchdog.FlightLayout.EXCHANGE_AT;
import static anycast.backhaul.watchdog.FlightLayout.EXCHANGE_BYTES;
import static anycast.backhaul.watchdog.FlightLayout.HIGH_AT;
import static anycast.backhaul.watchdog.FlightLayout.KEY_AT;
import static anycast.backhaul.watchdog.FlightLayout.KEY_BYTES;
import static anycast.backhaul.watchdog.FlightLayout.LOW_AT;
import static anycast.backhaul.watchdog.FlightLayout.RULE_AT;
import static anycast.backhaul.watchdog.FlightLayout.RULE_BYTES;
import static anycast.backhaul.watchdog.FlightLayout.SINCE_AT;
import static anycast.backhaul.watchdog.FlightLayout.SNAPSHOT_AT;
import static anycast.backhaul.watchdog.FlightLayout.STAGE_AT;
import static anycast.backhaul.watchdog.FlightLayout.STUCK_AT;
import static anycast.backhaul.watchdog.FlightLayout.putInOrder;

import anycast.routing.admission.ContentHash;
import anycast.routing.admission.Stage;
import anycast.routing.table.RouteTrail;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Where one thread writes what it works on: 256 bytes of a file that outlives the process.
///
/// The stage is written last when work begins and first when it ends, so that a slot whose stage
/// blames somebody says whom. [#rest] leaves the other fields as they are: what was worked on last
/// is worth reading, and blames nobody.
///
/// **Threading.** One thread writes, any reads: plain stores, no fence, no lock, no allocation, no
/// look at a clock. [#markStuck] is the watchdog's. **Limits.** Texts are cut to 64 bytes.
public final class FlightSlot implements RouteTrail {
  /// Nobody reads it; written to by all that have no slot of their own.
  public static final FlightSlot NONE = inMemory();

  private static final int IDLE = Stage.IDLE.ordinal();
  private static final int ROUTE = Stage.ROUTE.ordinal();
  private static final int RULE = Stage.RULE.ordinal();
  private static final int PICK = Stage.PICK.ordinal();

  private final MemorySegment memory;

  FlightSlot(MemorySegment memory) {
    this.memory = memory;
  }

  private static FlightSlot inMemory() {
    return new FlightSlot(
        Arena.global().allocate(FlightLayout.SLOT_BYTES, FlightLayout.SLOT_BYTES));
  }

  /// Names the thread whose slot this is.
  void of(String thread) {
    FlightLayout.put(memory, FlightLayout.THREAD_AT, FlightLayout.THREAD_BYTES, thread);
  }

  /// A request looks for its host and rule.
  ///
  /// @param host array that holds the name
  /// @param exchange its id
  /// @param snapshot version of the snapshot that it reads
  /// @param sinceNanos a time of the process's ticker that was read a moment ago
  public void route(
      byte[] host, int start, int length, String exchange, long snapshot, long sinceNanos) {
    FlightLayout.put(memory, KEY_AT, KEY_BYTES, host, start, length);
    begin(exchange, snapshot, sinceNanos);
    putInOrder(memory, STAGE_AT, ROUTE);
  }

  /// A worker looks whether it admits a request.
  ///
  /// @param key what is looked for
  public void admit(String key, String exchange, long snapshot, long sinceNanos) {
    FlightLayout.put(memory, KEY_AT, KEY_BYTES, key);
    begin(exchange, snapshot, sinceNanos);
    putInOrder(memory, STAGE_AT, PICK);
  }

  private void begin(String exchange, long snapshot, long sinceNanos) {
    FlightLayout.put(memory, EXCHANGE_AT, EXCHANGE_BYTES, exchange);
    entry(0, 0);
    memory.set(ValueLayout.JAVA_BYTE, RULE_AT, (byte) 0);
    memory.set(ValueLayout.JAVA_LONG, SNAPSHOT_AT, snapshot);
    memory.set(ValueLayout.JAVA_LONG, SINCE_AT, sinceNanos);
  }

  /// All rules that are matched next are those of one entry.
  @Override
  public void matching(Origin entry) {
    putInOrder(memory, HIGH_AT, entry.high());
    putInOrder(memory, LOW_AT, entry.low());
  }

  /// The request follows this rule.
  public void rule(CompiledRule rule) {
    entry(rule.origin().high(), rule.origin().low());
    FlightLayout.put(memory, RULE_AT, RULE_BYTES, rule.name());
    putInOrder(memory, STAGE_AT, RULE);
  }

  /// Another thread's work: an entry at a stage, or a batch without one.
  ///
  /// @param snapshot version that is worked on; 0 where it has none
  public void on(ContentHash entry, Stage stage, long snapshot, long sinceNanos) {
    putInOrder(memory, STAGE_AT, IDLE);
    entry(entry.high(), entry.low());
    memory.set(ValueLayout.JAVA_LONG, SNAPSHOT_AT, snapshot);
    memory.set(ValueLayout.JAVA_LONG, SINCE_AT, sinceNanos);
    putInOrder(memory, STAGE_AT, stage.ordinal());
  }

  /// The work is over: from now on nobody is to blame for what this thread does.
  public void rest() {
    putInOrder(memory, STAGE_AT, IDLE);
  }

  /// The watchdog found this thread stuck: what stands here is the cause. Kept until it is taken
  /// back.
  public void markStuck(boolean stuck) {
    putInOrder(memory, STUCK_AT, stuck ? 1 : 0);
  }

  /// What stands here at this moment.
  public FlightFile.Slot read() {
    return FlightFile.slot(memory);
  }

  private void entry(long high, long low) {
    memory.set(ValueLayout.JAVA_LONG, HIGH_AT, high);
    memory.set(ValueLayout.JAVA_LONG, LOW_AT, low);
  }
}
