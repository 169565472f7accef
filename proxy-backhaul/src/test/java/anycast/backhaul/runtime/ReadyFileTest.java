package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadyFileTest {
  @TempDir Path directory;

  @Test
  void fileIsReplacedWholeAndNothingElseIsLeft() throws Exception {
    Path ready = directory.resolve("edge.json");
    ReadyFile.write(ready, Map.of("pid", 1));
    ReadyFile.write(ready, Map.of("addresses", Map.of("https", "127.0.0.1:443")));

    assertEquals("{\"addresses\":{\"https\":\"127.0.0.1:443\"}}", Files.readString(ready));
    try (var files = Files.list(directory)) {
      assertEquals(List.of(ready), files.toList());
    }
  }

  @Test
  void directoryThatIsNotThereIsAFault() {
    Path ready = directory.resolve("no/such/edge.json");
    assertThrows(IOException.class, () -> ReadyFile.write(ready, Map.of()));
  }
}
