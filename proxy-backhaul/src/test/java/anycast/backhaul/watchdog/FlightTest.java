package anycast.backhaul.watchdog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.admission.ContentHash;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Stage;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightTest {
  private static final long NOW_NANOS = 5_000_000_000L;
  private static final long NOW_MILLIS = 1_700_000_000_000L;
  private static final ContentHash ENTRY = new ContentHash(3, 4);

  private static final byte[] HOST = "shop.test".getBytes(ISO_8859_1);
  private static final CompiledRule RULE = FlightChild.rule("shop", "all", new Origin(5, 6));

  @TempDir Path directory;
  private Flight flight;

  @AfterEach
  void close() {
    if (flight != null) {
      flight.close();
    }
  }

  @Test
  void eachFieldComesBack() {
    open(2);
    FlightSlot slot = flight.loop(1);
    slot.of("loop-1-2");
    byte[] text = "https://shop.test:443/".getBytes(ISO_8859_1);
    slot.route(text, 8, 9, "01JD3M5W3V9TQ4Z8R6K2N7XBCA-fra", 42, NOW_NANOS);
    assertEquals(
        new FlightFile.Slot(
            "loop-1-2",
            Stage.ROUTE,
            false,
            ContentHash.NONE,
            42,
            "shop.test",
            "",
            "01JD3M5W3V9TQ4Z8R6K2N7XBCA-fra",
            NOW_NANOS),
        read().slots().get(1));
    slot.matching(new Origin(3, 4));
    assertEquals(ENTRY, read().slots().get(1).entry());
    slot.rule(FlightChild.rule("shop", "all", new Origin(5, 6)));
    slot.markStuck(true);
    FlightFile.Slot at = read().slots().get(1);
    assertEquals(Stage.RULE, at.stage());
    assertEquals("shop/all", at.rule());
    assertEquals(new ContentHash(5, 6), at.entry());
    assertTrue(at.stuck());
    assertEquals(at, slot.read(), "the process reads its own memory");
    slot.markStuck(false);
    slot.rest();
    assertEquals(Stage.IDLE, read().slots().get(1).stage());
    assertFalse(read().slots().get(1).stuck());
    assertEquals("shop.test", read().slots().get(1).key(), "what it did last can still be read");
    slot.admit("instance-1", "x", 43, NOW_NANOS + 1);
    assertEquals(
        new FlightFile.Slot(
            "loop-1-2",
            Stage.PICK,
            false,
            ContentHash.NONE,
            43,
            "instance-1",
            "",
            "x",
            NOW_NANOS + 1),
        read().slots().get(1));
  }

  @Test
  void theHeadSaysWhoseFileItIs() {
    open(1);
    flight.tick(NOW_NANOS + 77, false);
    FlightFile.Head head = read().head();
    assertEquals("edge-1", head.name());
    assertEquals(ProcessHandle.current().pid(), head.pid());
    assertEquals(NOW_MILLIS, head.startedMillis());
    assertEquals(NOW_NANOS, head.startedNanos());
    assertEquals(NOW_NANOS + 77, head.tickNanos());
    assertEquals(0, head.stoppingMillis());
    flight.close();
    assertEquals(0, read().head().endedMillis(), "nobody told it to stop");
    flight.stopping();
    assertEquals(NOW_MILLIS, read().head().stoppingMillis());
    flight.close();
    assertEquals(NOW_MILLIS, read().head().endedMillis());
  }

  @Test
  void compilerAndFollowerHaveSlotsBehindTheLoops() {
    open(1);
    flight.compilerNotes().on(ENTRY, Stage.VALIDATE);
    flight.follower().on(ContentHash.NONE, Stage.PUBLISH, 9, NOW_NANOS);
    List<FlightFile.Slot> slots = read().slots();
    assertEquals(List.of("loop", "compiler", "feed-follower"), threads(slots));
    assertEquals(Stage.VALIDATE, slots.get(1).stage());
    assertEquals(ENTRY, slots.get(1).entry());
    assertEquals(9, slots.get(2).snapshot());
    flight.published(10);
    assertEquals(10, read().slots().get(2).snapshot());
    assertEquals(Stage.IDLE, read().slots().get(2).stage());
    flight.compilerNotes().on(ContentHash.NONE, Stage.IDLE);
    assertEquals(Stage.IDLE, read().slots().get(1).stage());
  }

  @Test
  void textsAreCutToTheirRoomAndNeverTouchWhatStandsBehind() {
    open(1);
    String longest = "h".repeat(300);
    FlightChild.route(flight.loop(0), longest, NOW_NANOS);
    flight.loop(0).rule(FlightChild.rule("s".repeat(100), "ü€", new Origin(5, 6)));
    flight.loop(0).of("t".repeat(30));
    FlightFile.Slot slot = read().slots().getFirst();
    assertEquals("h".repeat(64), slot.key());
    assertEquals("s".repeat(64), slot.rule());
    assertEquals("t".repeat(24), slot.thread());
    assertEquals(NOW_NANOS, slot.sinceNanos());
    assertEquals("compiler", read().slots().get(1).thread());
    flight.loop(0).rule(FlightChild.rule("s", "ü€", new Origin(5, 6)));
    assertEquals("s/ü?", read().slots().getFirst().rule());
  }

  @Test
  void aThreadFindsItsOwnSlot() {
    open(1);
    flight.here().admit("nobody reads this", "x", 1, 1);
    assertEquals("", read().slots().getFirst().key());
    flight.take(flight.loop(0));
    flight.here().admit("instance-1", "x", 1, 1);
    assertEquals("instance-1", read().slots().getFirst().key());
    assertEquals(Thread.currentThread().getName(), read().slots().getFirst().thread());
  }

  @Test
  void withoutADirectoryTheSameCodeRunsAndNothingIsKept() throws IOException {
    flight = Flight.open(Optional.empty(), "edge-1", 1, () -> NOW_NANOS, this::wall);
    FlightChild.route(flight.loop(0), "shop.test", NOW_NANOS);
    assertEquals("shop.test", flight.loop(0).read().key());
    assertEquals(LastEnd.NONE, flight.lastEnd());
    FlightChild.route(Flight.NONE.loop(17), "shop.test", NOW_NANOS);
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aDirectoryThatCannotBeHadDoesNotStopAStart() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    flight = Flight.open(Optional.of(file), "edge-1", 1, () -> NOW_NANOS, this::wall);
    FlightChild.route(flight.loop(0), "shop.test", NOW_NANOS);
    assertEquals(LastEnd.NONE, flight.lastEnd());
  }

  @Test
  void aRestartOfTheMachineBlamesNobody() throws IOException {
    open(1);
    FlightChild.route(flight.loop(0), "shop.test", NOW_NANOS);
    flight.loop(0).markStuck(true);
    flight.close();
    write(FlightLayout.BOOT_AT, "another".getBytes(ISO_8859_1));
    open(1);
    assertEquals(new LastEnd(LastEnd.Kind.MACHINE, List.of()), flight.lastEnd());
  }

  @Test
  void aThreadThatSticksWhileTheProcessStopsIsBlamedAllTheSame() {
    open(1);
    FlightChild.route(flight.loop(0), "shop.test", NOW_NANOS);
    flight.stopping();
    flight.loop(0).markStuck(true);
    FlightFile file = read();
    LastEnd last = Ending.of(file, file.head().boot(), (_, thread) -> "stack of " + thread);
    assertEquals(LastEnd.Kind.ABNORMAL, last.kind());
    assertEquals("stack of loop", last.blamed().getFirst().stack());
  }

  @Test
  void theStackComesFromTheNewestDumpOfThatProcess() throws IOException {
    open(1);
    FlightFile.Head head = read().head();
    DumpedStacks stacks = new DumpedStacks(directory);
    assertEquals("", stacks.of(head, "loop-1-1"), "there is no dump");
    dump("dump-20260101T000000.000Z-" + head.pid(), "== stacks", "\"loop-1-1\" OLD", "    at x");
    dump("dump-20270101T000000.000Z-1" + head.pid(), "== stacks", "\"loop-1-1\" OTHER");
    dump(
        "dump-20260102T000000.000Z-" + head.pid(),
        "== watched threads",
        "loop-1-1: STUCK, no beat for 3000 ms",
        "  2500 ms ago it was at",
        "    a.B.sampled",
        "loop-1-2: STUCK",
        "    a.B.other",
        "",
        "== stacks",
        "\"loop-1-10\" RUNNABLE",
        "    at another",
        "",
        "\"loop-1-1\" WAITING",
        "    at a.B.lock",
        "    at a.B.run",
        "",
        "\"loop-1-2\" RUNNABLE",
        "    at b");
    assertEquals(
        "\"loop-1-1\" WAITING\n    at a.B.lock\n    at a.B.run", stacks.of(head, "loop-1-1"));
    dump(
        "dump-20260103T000000.000Z-" + head.pid(),
        "== watched threads",
        "loop-1-1: STUCK",
        "    a.B.sampled",
        "",
        "== stacks",
        "loop-1-1 does not answer where it stands, and asking all would stop all: no stacks");
    assertEquals("loop-1-1: STUCK\n    a.B.sampled", stacks.of(head, "loop-1-1"));
    Files.setLastModifiedTime(
        directory.resolve("dump-20260103T000000.000Z-" + head.pid() + ".txt"),
        FileTime.fromMillis(NOW_MILLIS - 1));
    assertTrue(stacks.of(head, "loop-1-1").contains("a.B.lock"), "an older process had that pid");
  }

  private void dump(String name, String... lines) throws IOException {
    Path file = Files.write(directory.resolve(name + ".txt"), List.of(lines));
    Files.setLastModifiedTime(file, FileTime.fromMillis(NOW_MILLIS));
  }

  @Test
  void theMostSuspiciousComesFirst() {
    open(3);
    FlightChild.route(flight.loop(0), "new.test", NOW_NANOS);
    FlightChild.route(flight.loop(1), "old.test", NOW_NANOS - Ending.LONG.toNanos());
    FlightChild.route(flight.loop(2), "stuck.test", NOW_NANOS);
    flight.loop(2).markStuck(true);
    flight.compiler().on(ContentHash.NONE, Stage.COMPILE, 0, 0);
    flight.follower().on(ENTRY, Stage.PUBLISH, 0, 0);
    FlightFile file = read();
    List<LastEnd.Blamed> blamed = Ending.of(file, file.head().boot(), (_, _) -> "").blamed();
    assertEquals(
        List.of("stuck.test", "old.test", "new.test"),
        blamed.stream().map(LastEnd.Blamed::host).toList());
    assertEquals(
        List.of(LastEnd.Evidence.STUCK, LastEnd.Evidence.LONG, LastEnd.Evidence.NEAR),
        blamed.stream().map(LastEnd.Blamed::evidence).toList());
  }

  @Test
  void saysWhyAFileIsNone() throws IOException {
    Path file = directory.resolve("flight");
    assertInstanceOf(FlightFile.Read.Absent.class, FlightFile.read(file));
    Files.writeString(file, "");
    assertUnfit("is too short for a flight file: 0 bytes");
    Files.writeString(file, "x".repeat(1000));
    assertUnfit("is no flight file");
    Files.delete(file);
    open(1);
    flight.close();
    write(FlightLayout.VERSION_AT, ints(9));
    assertUnfit("has version 9, and this program reads 1");
    write(FlightLayout.VERSION_AT, ints(1));
    write(FlightLayout.SLOTS_AT, ints(4));
    assertUnfit("has 1024 bytes where 4 slots make 1280");
    write(FlightLayout.SLOTS_AT, ints(-1));
    assertUnfit("says that it has -1 slots");
    ByteBuffer swapped = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
    write(0, swapped.putLong(Long.reverseBytes(FlightLayout.MAGIC)).array());
    assertUnfit("is of a machine whose byte order is not " + ByteOrder.nativeOrder() + " as here");
    open(1);
    assertEquals(LastEnd.NONE, flight.lastEnd(), "and a start takes no harm");
  }

  @Test
  void aStampAllocatesNothing() {
    open(1);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int pass = 0; pass < 10; pass++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      stamps();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(least < 100, least + " bytes for 10,000 requests");
  }

  private void stamps() {
    FlightSlot slot = flight.loop(0);
    for (int i = 0; i < 10_000; i++) {
      slot.route(HOST, 0, HOST.length, "01JD3M5W3V9TQ4Z8R6K2N7XBCA-fra", i, i);
      slot.matching(RULE.origin());
      slot.rule(RULE);
      slot.rest();
    }
  }

  private void open(int loops) {
    flight = Flight.open(Optional.of(directory), "edge-1", loops, () -> NOW_NANOS, this::wall);
  }

  private Instant wall() {
    return Instant.ofEpochMilli(NOW_MILLIS);
  }

  private FlightFile read() {
    return assertInstanceOf(
            FlightFile.Read.Flight.class, FlightFile.read(directory.resolve("flight")))
        .file();
  }

  private static List<String> threads(List<FlightFile.Slot> slots) {
    return slots.stream().map(FlightFile.Slot::thread).toList();
  }

  private void assertUnfit(String reason) {
    assertEquals(new FlightFile.Read.Unfit(reason), FlightFile.read(directory.resolve("flight")));
  }

  private static byte[] ints(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  private void write(long at, byte[] bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(directory.resolve("flight"), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(bytes), at);
    }
  }
}
