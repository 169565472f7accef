package anycast.ctl;

import anycast.routing.document.DocumentRead;
import anycast.routing.document.DocumentReader;
import anycast.routing.document.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One virtual service as it stands in a file, of which there may be several, between lines `---`.
///
/// Two of its lines are not the document's: `name: shop`, which says what it is called, and `#
/// generation: 7`, which says what it was made from.
///
/// @param file as it was named
/// @param line of the file where it begins, from 1
/// @param name empty = it does not say
/// @param basis the generation that it was made from; empty = it does not say
/// @param document what is written to state
/// @param read what it says; lines count from the sheet's first
record Sheet(
    String file, int line, String name, OptionalLong basis, String document, DocumentRead read) {
  /// Far above what a state takes; a file that was named by mistake is not read whole.
  private static final long MAX_FILE_BYTES = 16 << 20;

  private static final Pattern NAME_LINE =
      Pattern.compile("name:[ \\t]+[\"']?([^\"'#\\s]+)[\"']?[ \\t]*(#.*)?");
  private static final Pattern BASIS_LINE =
      Pattern.compile("#[ \\t]*generation:[ \\t]*(\\d{1,18})");
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?");

  /// What says that a document was made from this generation.
  static String basis(long generation) {
    return "# generation: " + generation;
  }

  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /// Reads all sheets of a file; `-` is the standard input.
  static List<Sheet> read(String file) throws CtlFault {
    List<String> lines = text(file).lines().toList();
    List<Sheet> sheets = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= lines.size(); i++) {
      boolean ends =
          i == lines.size() || isMark(lines.get(i), "---") || isMark(lines.get(i), "...");
      if (ends) {
        List<String> part = lines.subList(start, i);
        if (part.stream().anyMatch(line -> !line.isBlank() && !line.startsWith("#"))) {
          sheets.add(of(file, start + 1, part));
        }
        start = i + 1;
      }
    }
    if (sheets.isEmpty()) {
      throw new CtlFault(file + " holds no document");
    }
    return sheets;
  }

  /// Between documents; YAML allows such a line nowhere else.
  private static boolean isMark(String line, String mark) {
    return line.stripTrailing().equals(mark) || line.startsWith(mark + " ");
  }

  private static Sheet of(String file, int line, List<String> part) {
    String name = "";
    OptionalLong basis = OptionalLong.empty();
    List<String> kept = new ArrayList<>(); // as many lines, so that positions stay true
    for (String text : part) {
      Matcher named = NAME_LINE.matcher(text);
      Matcher based = BASIS_LINE.matcher(text);
      if (named.matches()) {
        name = named.group(1);
      } else if (based.matches()) {
        basis = OptionalLong.of(Long.parseLong(based.group(1)));
      }
      kept.add(named.matches() || based.matches() ? "" : text);
    }
    String text = String.join("\n", kept) + "\n";
    return new Sheet(file, line, name, basis, bare(text), DocumentReader.read(text));
  }

  /// Without empty lines around it.
  private static String bare(String text) {
    return text.replaceFirst("\\A(\\s*\\n)+", "").stripTrailing() + "\n";
  }

  /// This sheet under a name.
  Sheet called(String other) {
    return new Sheet(file, line, other, basis, document, read);
  }

  List<Problem> problems() {
    return switch (read) {
      case DocumentRead.Valid _ -> List.of();
      case DocumentRead.Invalid(List<Problem> problems) -> problems;
    };
  }

  List<Problem> warnings() {
    return switch (read) {
      case DocumentRead.Valid(_, List<Problem> warnings) -> warnings;
      case DocumentRead.Invalid _ -> List.of();
    };
  }

  /// Line of the file where a problem is.
  int lineOf(Problem problem) {
    return line + Math.max(problem.line(), 1) - 1;
  }

  /// `FILE:LINE:COLUMN: what is wrong`, as editors and compilers know it.
  String text(Problem problem) {
    return file
        + ":"
        + lineOf(problem)
        + ":"
        + Math.max(problem.column(), 1)
        + ": "
        + (problem.path().isEmpty() ? "" : problem.path() + ": ")
        + problem.message();
  }

  private static String text(String file) throws CtlFault {
    try {
      if (file.equals("-")) {
        return new String(System.in.readNBytes((int) MAX_FILE_BYTES), StandardCharsets.UTF_8);
      }
      Path path = Path.of(file);
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw new CtlFault(file + " has more than " + MAX_FILE_BYTES + " bytes");
      }
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new CtlFault("there is no file " + file, e);
    } catch (AccessDeniedException e) {
      throw new CtlFault("this user may not read " + file, e);
    } catch (IOException e) {
      throw new CtlFault(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
