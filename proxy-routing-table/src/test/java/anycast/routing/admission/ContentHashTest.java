package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import anycast.routing.feed.PolicyJson;
import anycast.routing.feed.lastgood.SomeEntities;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ContentHashTest {
  @Test
  void generationAndWhetherADocumentWasReadDoNotMatter() {
    VirtualService read = Cast.rules("a", 1);
    VirtualService unread = new VirtualService("a", read.document(), 99);
    assertEquals(ContentHash.of(read), ContentHash.of(unread));
    AppId app = new AppId("a");
    assertEquals(ContentHash.of(new App(app, 1)), ContentHash.of(new App(app, 2)));
  }

  @Test
  void whereOneTextEndsAndTheNextBeginsMatters() {
    assertNotEquals(
        ContentHash.of(new Hostname("ab", new AppId("c"), 1)),
        ContentHash.of(new Hostname("a", new AppId("bc"), 1)));
  }

  @Test
  void differentEntitiesHaveDifferentHashes() {
    List<Entity> entities = SomeEntities.of(300);
    Set<ContentHash> hashes = new HashSet<>();
    entities.forEach(entity -> hashes.add(ContentHash.of(entity)));
    assertEquals(entities.size(), hashes.size());
  }

  /// Maps and sets have another order in each process; this is one that another process wrote.
  @Test
  void isTheSameInEachProcess() {
    String policy =
        "{\"checks\":[{\"http\":{\"path\":\"/up\",\"headers\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"4\"}}}]}";
    Service service =
        new Service(
            new AppId("a"),
            "web",
            List.of(80),
            8080,
            Service.AppProtocol.HTTP1,
            false,
            0,
            0,
            1,
            PolicyJson.decode(policy));
    assertEquals("0e4e7485b8d0039d69c3afc5ad739917", ContentHash.of(service).toString());
  }

  @Test
  void isReadFromWhatItPrints() {
    ContentHash hash = ContentHash.of(Cast.rules("a", 1));
    assertEquals(hash, ContentHash.parse(hash.toString()));
  }
}
