package anycast.routing.feed.lastgood;

import anycast.routing.model.Entity;
import anycast.routing.model.rule.RuleSet;
import java.nio.ByteBuffer;

/// Single entities in the format of a last-good table, for those who keep some of them elsewhere.
///
/// **Threading.** Its owner's.
public final class EntityBytes {
  private final EntityWriter writer = new EntityWriter();
  private final EntityReader reader = new EntityReader((_, _) -> RuleSet.NONE);

  public byte[] write(Entity entity) {
    writer.clear();
    writer.add(entity);
    ByteBuffer written = writer.written();
    byte[] bytes = new byte[written.remaining()];
    written.get(bytes);
    return bytes;
  }

  /// @return with a virtual service's document as text, which is not read: it has no rules
  /// @throws IllegalArgumentException with a sentence for anything that [#write] did not write
  public Entity read(byte[] bytes) {
    reader.read(bytes, 0, bytes.length);
    int end = reader.nextEnd();
    if (end != bytes.length) {
      throw new IllegalArgumentException("not one entity in " + bytes.length + " bytes");
    }
    return reader.next(end);
  }
}
