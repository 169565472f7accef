package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import anycast.routing.feed.lastgood.FragileDisk;
import anycast.routing.feed.lastgood.SomeEntities;
import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

final class RecordBytesTest {
  private final RecordBytes codec = new RecordBytes();

  @Property(tries = 500)
  void readsBackAnyRecord(@ForAll("records") JournalRecord record) {
    assertEquals(unread(record), codec.read(copy(codec.write(record))));
  }

  @Property(tries = 1_000)
  void takesAnyBytes(@ForAll @Size(min = 1, max = 300) byte[] bytes) {
    try {
      assertNotNull(codec.read(ByteBuffer.wrap(bytes)));
    } catch (IllegalArgumentException e) {
      assertNotNull(e.getMessage());
    }
  }

  @Property(tries = 1_000)
  void takesAnyRecordWithOneByteWrong(
      @ForAll("records") JournalRecord record, @ForAll int where, @ForAll byte what) {
    ByteBuffer bytes = copy(codec.write(record));
    bytes.put(Math.floorMod(where, bytes.limit()), what);
    try {
      assertNotNull(codec.read(bytes));
    } catch (IllegalArgumentException e) {
      assertNotNull(e.getMessage());
    }
  }

  @Property(tries = 300)
  void readsWhatIsWholeOfAnyDamagedJournal(
      @ForAll("records") JournalRecord first,
      @ForAll("records") JournalRecord second,
      @ForAll int where,
      @ForAll byte what)
      throws Exception {
    FragileDisk disk = new FragileDisk();
    new Journal(disk).begin(List.of(first, second).stream());
    String name = disk.list().getFirst();
    byte[] bytes = disk.bytes(name);
    int at = Math.floorMod(where, bytes.length);
    boolean same = bytes[at] == what;
    bytes[at] = what;
    disk.put(name, bytes);
    List<JournalRecord> read = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    new Journal(disk).read(read::add, problems);
    if (same) {
      assertEquals(List.of(unread(first), unread(second)), read);
    } else {
      assertFalse(problems.isEmpty());
      read.removeAll(List.of(unread(first), unread(second)));
      assertEquals(List.of(), read, "nothing that was not written");
    }
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
  }

  /// Documents come back as text.
  private static JournalRecord unread(JournalRecord record) {
    return switch (record) {
      case JournalRecord.Pending p ->
          new JournalRecord.Pending(
              p.hash(),
              p.key(),
              p.hosts(),
              unread(p.previous()),
              p.sinceMillis(),
              p.onTrial(),
              p.suspicion());
      case JournalRecord.Quarantined q ->
          new JournalRecord.Quarantined(q.entry(), q.key(), unread(q.previous()), q.superseded());
      case JournalRecord other -> other;
    };
  }

  private static Entity unread(Entity entity) {
    return entity instanceof VirtualService v
        ? new VirtualService(v.name(), v.document(), v.generation())
        : entity;
  }

  @Provide
  Arbitrary<JournalRecord> records() {
    Arbitrary<ContentHash> hashes =
        Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(ContentHash::new);
    Arbitrary<Entity> previous = SomeEntities.any().injectNull(0.3);
    Arbitrary<Suspicion> suspicions =
        Combinators.combine(
                Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 1_000),
                Arbitraries.longs(),
                Arbitraries.longs().list().ofMaxSize(5))
            .as((is, halves, group, ends) -> new Suspicion(is, !is, halves, 1, group, ends));
    Arbitrary<JournalRecord> pending =
        Combinators.combine(
                hashes,
                SomeEntities.any(),
                Arbitraries.strings().ofMaxLength(5).list().ofMaxSize(3),
                previous,
                Arbitraries.longs(),
                suspicions)
            .as((hash, of, hosts, before, millis, why) ->
                new JournalRecord.Pending(
                    hash, of.key(), hosts, before, millis, hosts.isEmpty(), why));
    Arbitrary<JournalRecord> quarantined =
        Combinators.combine(
                hashes,
                SomeEntities.any().injectNull(0.2),
                Arbitraries.of(Stage.class),
                Arbitraries.strings().ofMaxLength(40),
                Arbitraries.longs(),
                previous)
            .as((hash, of, stage, text, millis, before) ->
                new JournalRecord.Quarantined(
                    new QuarantineEntry(
                        hash, "t", text, stage, text, text, millis, -millis, before != null),
                    of == null ? null : of.key(),
                    before,
                    millis < 0));
    return Arbitraries.oneOf(
        pending,
        quarantined,
        hashes.map(JournalRecord.Trial::new),
        hashes.map(JournalRecord.Stable::new),
        Combinators.combine(hashes, SomeEntities.any())
            .as((hash, of) -> new JournalRecord.Forgotten(hash, of.key())),
        hashes.map(JournalRecord.Released::new),
        Arbitraries.longs().map(entries -> new JournalRecord.Bulk(entries, 3, entries < 0)),
        Arbitraries.longs().map(life -> new JournalRecord.Start(life, ~life)),
        Arbitraries.just(new JournalRecord.Orderly()));
  }
}
