package anycast.routing.admission;

import anycast.routing.feed.lastgood.EntityBytes;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/// Records of the journal as bytes.
///
/// ```
///  record:  kind │ fields in the record's order
///  text:    characters │ two bytes each
///  list:    size │ members
///  entity:  length, 0 = none │ as in a last-good table
/// ```
///
/// Numbers are big-endian. **Threading.** Its owner's. **Faults.** `IllegalArgumentException` with
/// a sentence for bytes that no writer wrote; never another one.
final class RecordBytes {
  private static final int START = 1;
  private static final int PENDING = 2;
  private static final int TRIAL = 3;
  private static final int STABLE = 5;
  private static final int FORGOTTEN = 6;
  private static final int QUARANTINED = 7;
  private static final int RELEASED = 8;
  private static final int ORDERLY = 9;
  private static final int OF = 10;

  /// Of kind 4 were numbers that nobody read.
  private static final int BULK = 11;

  private final EntityBytes entities = new EntityBytes();
  private ByteBuffer out = ByteBuffer.allocate(1 << 12);
  private ByteBuffer in = ByteBuffer.allocate(0);

  /// @return its bytes, valid until the next call
  ByteBuffer write(JournalRecord record) {
    out.clear();
    switch (record) {
      case JournalRecord.Start(long life, long millis) -> {
        kind(START);
        number(life);
        number(millis);
      }
      case JournalRecord.Of(NodeId node) -> {
        kind(OF);
        text(node.value());
      }
      case JournalRecord.Pending pending -> pending(pending);
      case JournalRecord.Trial(ContentHash hash) -> hash(TRIAL, hash);
      case JournalRecord.Bulk(long entries, int halves, boolean onTrial) -> {
        kind(BULK);
        number(entries);
        number(halves);
        flag(onTrial);
      }
      case JournalRecord.Stable(ContentHash hash) -> hash(STABLE, hash);
      case JournalRecord.Forgotten(ContentHash hash, Entity.Key key) -> {
        hash(FORGOTTEN, hash);
        key(key);
      }
      case JournalRecord.Quarantined quarantined -> quarantined(quarantined);
      case JournalRecord.Released(ContentHash hash) -> hash(RELEASED, hash);
      case JournalRecord.Orderly() -> kind(ORDERLY);
    }
    return out.flip();
  }

  private void pending(JournalRecord.Pending p) {
    hash(PENDING, p.hash());
    key(p.key());
    number(p.hosts().size());
    p.hosts().forEach(this::text);
    entity(p.previous());
    number(p.sinceMillis());
    flag(p.onTrial());
    Suspicion s = p.suspicion();
    flag(s.suspect());
    flag(s.blamed());
    number(s.halves());
    number(s.aloneHalves());
    number(s.group());
    number(s.ends().size());
    s.ends().forEach(this::number);
  }

  private void quarantined(JournalRecord.Quarantined q) {
    QuarantineEntry e = q.entry();
    hash(QUARANTINED, e.hash());
    text(e.table());
    text(e.key());
    number(e.stage().ordinal());
    text(e.reason());
    text(e.detail());
    number(e.sinceMillis());
    number(e.untilMillis());
    flag(e.previousServes());
    key(q.key());
    entity(q.previous());
    flag(q.superseded());
  }

  private void key(Entity.Key key) {
    switch (key) {
      case null -> kind(0);
      case Entity.AppKey(AppId app) -> key(1, app.name(), "");
      case Entity.ServiceKey(AppId app, String service) -> key(2, app.name(), service);
      case Entity.InstanceKey(NodeId node, InstanceId id) -> key(3, node.value(), id.value());
      case Entity.NodeKey(NodeId node) -> key(4, node.value(), "");
      case Entity.HostnameKey(String name) -> key(5, name, "");
      case Entity.CertificateKey(String name) -> key(6, name, "");
      case Entity.VirtualServiceKey(String name) -> key(7, name, "");
      case Entity.AppRegionKey(AppId app, NodeId node) -> key(8, app.name(), node.value());
      case Entity.InstanceHealthKey(NodeId node, InstanceId id) -> key(9, node.value(), id.value());
      case Entity.CordonKey(NodeId node, InstanceId id) -> key(10, node.value(), id.value());
    }
  }

  private void key(int kind, String first, String second) {
    kind(kind);
    text(first);
    text(second);
  }

  private void hash(int kind, ContentHash hash) {
    kind(kind);
    number(hash.high());
    number(hash.low());
  }

  private void entity(Entity entity) {
    byte[] bytes = entity == null ? new byte[0] : entities.write(entity);
    number(bytes.length);
    room(bytes.length);
    out.put(bytes);
  }

  private void kind(int kind) {
    room(1);
    out.put((byte) kind);
  }

  private void flag(boolean is) {
    kind(is ? 1 : 0);
  }

  private void number(long value) {
    room(Long.BYTES);
    out.putLong(value);
  }

  private void text(String text) {
    number(text.length());
    room(text.length() * 2);
    for (int i = 0; i < text.length(); i++) {
      out.putChar(text.charAt(i));
    }
  }

  private void room(int more) {
    if (out.remaining() < more) {
      int bytes = Math.max(out.capacity() * 2, out.position() + more);
      out = ByteBuffer.allocate(bytes).put(out.flip());
    }
  }

  /// The record that these bytes are, all of them.
  JournalRecord read(ByteBuffer bytes) {
    in = bytes;
    try {
      JournalRecord record = record(in.get());
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(in.remaining() + " bytes too many");
      }
      return record;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("ends within a record", e);
    }
  }

  private JournalRecord record(int kind) {
    return switch (kind) {
      case START -> new JournalRecord.Start(in.getLong(), in.getLong());
      case PENDING ->
          new JournalRecord.Pending(
              hash(),
              needed(key()),
              list(_ -> text()),
              entity(),
              in.getLong(),
              flag(),
              suspicion());
      case TRIAL -> new JournalRecord.Trial(hash());
      case BULK -> new JournalRecord.Bulk(in.getLong(), counted(), flag());
      case STABLE -> new JournalRecord.Stable(hash());
      case FORGOTTEN -> new JournalRecord.Forgotten(hash(), needed(key()));
      case QUARANTINED ->
          new JournalRecord.Quarantined(
              new QuarantineEntry(
                  hash(),
                  text(),
                  text(),
                  stage(),
                  text(),
                  text(),
                  in.getLong(),
                  in.getLong(),
                  flag()),
              key(),
              entity(),
              flag());
      case RELEASED -> new JournalRecord.Released(hash());
      case ORDERLY -> new JournalRecord.Orderly();
      case OF -> new JournalRecord.Of(new NodeId(text()));
      default -> throw new IllegalArgumentException("unknown kind " + kind);
    };
  }

  private Suspicion suspicion() {
    return new Suspicion(
        flag(), flag(), counted(), counted(), in.getLong(), list(_ -> in.getLong()));
  }

  private int counted() {
    return Math.toIntExact(Math.clamp(in.getLong(), 0, Integer.MAX_VALUE));
  }

  private static Entity.Key needed(Entity.Key key) {
    if (key == null) {
      throw new IllegalArgumentException("an entry without a key");
    }
    return key;
  }

  private Entity.Key key() {
    int kind = in.get();
    if (kind == 0) {
      return null;
    }
    String first = text();
    String second = text();
    return switch (kind) {
      case 1 -> new Entity.AppKey(new AppId(first));
      case 2 -> new Entity.ServiceKey(new AppId(first), second);
      case 3 -> new Entity.InstanceKey(new NodeId(first), new InstanceId(second));
      case 4 -> new Entity.NodeKey(new NodeId(first));
      case 5 -> new Entity.HostnameKey(first);
      case 6 -> new Entity.CertificateKey(first);
      case 7 -> new Entity.VirtualServiceKey(first);
      case 8 -> new Entity.AppRegionKey(new AppId(first), new NodeId(second));
      case 9 -> new Entity.InstanceHealthKey(new NodeId(first), new InstanceId(second));
      case 10 -> new Entity.CordonKey(new NodeId(first), new InstanceId(second));
      default -> throw new IllegalArgumentException("unknown kind of key " + kind);
    };
  }

  private ContentHash hash() {
    return new ContentHash(in.getLong(), in.getLong());
  }

  private Stage stage() {
    long index = in.getLong();
    List<Stage> stages = Arrays.asList(Stage.values());
    if (index < 0 || index >= stages.size()) {
      throw new IllegalArgumentException("unknown stage " + index);
    }
    return stages.get((int) index);
  }

  private Entity entity() {
    byte[] bytes = new byte[count(1)];
    in.get(bytes);
    return bytes.length == 0 ? null : entities.read(bytes);
  }

  private boolean flag() {
    return in.get() != 0;
  }

  private <T> List<T> list(IntFunction<T> member) {
    int count = count(Long.BYTES);
    List<T> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      members.add(member.apply(i));
    }
    return members;
  }

  private String text() {
    char[] text = new char[count(2)];
    for (int i = 0; i < text.length; i++) {
      text[i] = in.getChar();
    }
    return new String(text);
  }

  /// Of things that have so many bytes each at least.
  private int count(int bytesEach) {
    long count = in.getLong();
    if (count < 0 || count > in.remaining() / bytesEach) {
      throw new IllegalArgumentException("more things than bytes: " + count);
    }
    return (int) count;
  }
}
