package anycast.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.StringWrapper;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FormatTest {
  @Test
  void everyFileIsFormatted() {
    List<String> unformatted =
        Sources.java().parallelStream().flatMap(source -> unformatted(source).stream()).toList();
    assertEquals(
        List.of(), unformatted, () -> "run deploy/format\n  " + String.join("\n  ", unformatted));
  }

  private static Optional<String> unformatted(Sources.Source source) {
    try {
      Formatter formatter = new Formatter();
      // As the command line does: long strings are wrapped too.
      String formatted =
          StringWrapper.wrap(formatter.formatSourceAndFixImports(source.text()), formatter);
      return formatted.equals(source.text())
          ? Optional.empty()
          : Optional.of(source.path().toString());
    } catch (FormatterException e) {
      return Optional.of(source.path() + ": " + e.getMessage());
    }
  }
}
