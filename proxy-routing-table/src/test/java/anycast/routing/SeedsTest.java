package anycast.routing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.document.DocumentReaderFuzz;
import anycast.routing.model.rule.LabelSelectorFuzz;
import anycast.routing.virtual.CanonicalPathFuzz;
import anycast.routing.virtual.RuleIndexFuzz;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The inputs that fuzzing starts from, and those that it once found, without a fuzzer: in the
/// processes of other tests no class is instrumented.
final class SeedsTest {
  @Test
  void ofDocuments() throws Exception {
    each(DocumentReaderFuzz.class, bytes -> DocumentReaderFuzz.check(text(bytes)));
  }

  @Test
  void ofSelectors() throws Exception {
    each(LabelSelectorFuzz.class, bytes -> LabelSelectorFuzz.check(text(bytes)));
  }

  @Test
  void ofPaths() throws Exception {
    each(CanonicalPathFuzz.class, CanonicalPathFuzz::check);
  }

  @Test
  void ofRulesAndRequests() throws Exception {
    each(RuleIndexFuzz.class, bytes -> RuleIndexFuzz.check(text(bytes)));
  }

  private static void each(Class<?> fuzz, Consumer<byte[]> check)
      throws IOException, URISyntaxException {
    Path inputs = Path.of(fuzz.getResource(fuzz.getSimpleName() + "Inputs/fuzz").toURI());
    try (Stream<Path> files = Files.list(inputs)) {
      List<Path> all = files.toList();
      assertTrue(!all.isEmpty());
      for (Path file : all) {
        check.accept(Files.readAllBytes(file));
      }
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
