package anycast.routing.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Texts that are, or nearly are, documents.
public final class DocumentReaderFuzz {
  @DictionaryFile(resourcePath = "document.dict")
  @FuzzTest(maxDuration = "20s")
  void fuzz(byte[] bytes) {
    check(new String(bytes, StandardCharsets.UTF_8));
  }

  public static void check(String text) {
    DocumentRead read = DocumentReader.read(text);
    assertEquals(read, DocumentReader.read(text));
    long lines = text.chars().filter(c -> "\n\r\u0085\u2028\u2029".indexOf(c) >= 0).count() + 1;
    switch (read) {
      case DocumentRead.Valid valid -> {
        assertTrue(!valid.rules().hosts().isEmpty() && !valid.rules().rules().isEmpty());
        checkProblems(valid.warnings(), lines);
      }
      case DocumentRead.Invalid(List<Problem> problems) -> {
        assertTrue(!problems.isEmpty());
        checkProblems(problems, lines);
      }
    }
  }

  private static void checkProblems(List<Problem> problems, long lines) {
    int before = 0;
    for (Problem problem : problems) {
      boolean whole = problem.line() == 0 && problem.column() == 0;
      assertTrue(whole || problem.line() >= before && problem.line() <= lines, problem::text);
      assertTrue(whole || problem.column() >= 1, problem::text);
      assertEquals(1, problem.text().lines().count(), problem::text);
      before = problem.line();
    }
  }
}
