package anycast.ctl;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// A store and a NATS server for the tests of one class, which are asked of both.
abstract class AtEachPlace {
  @TempDir static Path dir;

  static Places places;
  private static List<URI> all;

  @BeforeAll
  static void open() throws Exception {
    places = new Places(dir);
    all = List.of(places.store(), places.nats());
  }

  @AfterAll
  static void close() {
    places.close();
  }

  /// For `@MethodSource`.
  static List<URI> places() {
    return all;
  }
}
