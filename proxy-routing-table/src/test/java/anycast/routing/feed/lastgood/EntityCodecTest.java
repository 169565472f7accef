package anycast.routing.feed.lastgood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.document.DocumentReading;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.Service;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class EntityCodecTest {
  @Provide
  Arbitrary<Entity> entities() {
    return SomeEntities.any();
  }

  @Provide
  Arbitrary<List<Entity>> neighbours() {
    return SomeEntities.any().list().ofMaxSize(8);
  }

  private static byte[] written(List<Entity> entities) {
    EntityWriter writer = new EntityWriter();
    entities.forEach(writer::add);
    byte[] bytes = new byte[writer.size()];
    writer.written().get(bytes);
    return bytes;
  }

  private static List<Entity> read(byte[] bytes) {
    EntityReader reader = new EntityReader(DocumentReading.DIRECT);
    reader.read(bytes, 0, bytes.length);
    List<Entity> entities = new ArrayList<>();
    while (reader.hasMore()) {
      int stop = reader.nextEnd();
      assertTrue(stop > 0);
      entities.add(reader.next(stop));
      reader.skipTo(stop);
    }
    return entities;
  }

  @Property(tries = 300)
  void readsBackAnyEntity(@ForAll("neighbours") List<Entity> entities) {
    assertEquals(entities, read(written(entities)));
  }

  /// What no writer wrote ends in a sentence or in some entity, never in another exception.
  @Property(tries = 500)
  void takesAnyBytes(@ForAll("entities") Entity entity, @ForAll int where, @ForAll byte other) {
    byte[] bytes = written(List.of(entity));
    bytes[Math.floorMod(where, bytes.length)] = other;
    EntityReader reader = new EntityReader(DocumentReading.DIRECT);
    reader.read(bytes, 0, bytes.length);
    int stop = reader.nextEnd();
    if (stop >= 0) {
      try {
        reader.next(stop);
      } catch (IllegalArgumentException e) {
        assertFalse(e.getMessage().isEmpty());
      }
    }
  }

  @Test
  void namesWhatItCannotRead() {
    byte[] bytes = written(List.of(new App(new AppId("shop"), 1)));
    bytes[4] = 99;
    EntityReader reader = new EntityReader(DocumentReading.DIRECT);
    reader.read(bytes, 0, bytes.length);
    int stop = reader.nextEnd();
    assertEquals(
        "unknown kind 99",
        assertThrows(IllegalArgumentException.class, () -> reader.next(stop)).getMessage());
  }

  @Test
  void knowsEveryConstantOfTheModel() {
    assertEquals(Set.of(Instance.State.values()), Set.copyOf(EntityWriter.STATES));
    assertEquals(Set.of(Node.Role.values()), Set.copyOf(EntityWriter.ROLES));
    assertEquals(Set.of(Service.AppProtocol.values()), Set.copyOf(EntityWriter.PROTOCOLS));
  }

  /// The format is for years: these bytes were written by its first version.
  @Test
  void keepsItsForm() {
    byte[] bytes = written(List.of(new App(new AppId("ab"), 3)));
    assertEquals(
        ByteBuffer.wrap(new byte[] {0, 0, 0, 5, 1, 4, 'a', 'b', 6}), ByteBuffer.wrap(bytes));
  }

  @Test
  void sharesWhatManyInstancesHaveInCommon() {
    List<Entity> all = read(written(SomeEntities.of(50)));
    List<Instance> instances =
        all.stream().filter(Instance.class::isInstance).map(Instance.class::cast).toList();
    assertTrue(instances.get(0).node() == instances.get(7).node());
    assertTrue(instances.get(0).region() == instances.get(1).region());
    assertTrue(instances.get(0).address() == instances.get(9).address());
  }
}
