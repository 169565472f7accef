package anycast.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The project's files, as texts.
final class Sources {
  static final Path ROOT = root();

  static final List<String> MODULES =
      List.of("proxy-routing-table", "proxy-backhaul", "proxy-edge", "proxyctl", "deploy");

  private Sources() {}

  /// @param path relative to the top level
  record Source(Path path, String text) {
    boolean isMain() {
      return path.toString().contains("/src/main/");
    }

    boolean isPackageInfo() {
      return path.endsWith("package-info.java");
    }

    /// The Java package, `anycast.routing.table` for instance.
    String packageName() {
      String folder = path.getParent().toString();
      return folder.replaceFirst(".*/src/[a-z]+/java/", "").replace('/', '.');
    }

    List<String> lines() {
      return text.lines().toList();
    }

    /// Without comments, so that a rule about code does not stumble over prose. Strings keep their
    /// quotes and lose what is between them.
    String code() {
      return Pattern.compile("(?s)\"\"\".*?\"\"\"")
          .matcher(text)
          .replaceAll(block -> "\"\"" + "\n".repeat((int) block.group().lines().count() - 1))
          .replaceAll("'(\\\\.|[^'\\\\\n])'", "' '")
          .replaceAll("\"(\\\\.|[^\"\\\\\n])*\"", "\"\"")
          .replaceAll("(?s)/\\*.*?\\*/", "")
          .replaceAll("//[^\n]*", "");
    }

    /// Everything between braces, inner ones first.
    List<Block> blocks() {
      String code = code();
      List<Block> found = new ArrayList<>();
      ArrayDeque<Integer> open = new ArrayDeque<>();
      ArrayDeque<Integer> heads = new ArrayDeque<>();
      int head = 0;
      for (int i = 0; i < code.length(); i++) {
        char c = code.charAt(i);
        if (c == '{') {
          open.push(i);
          heads.push(head);
        }
        if (c == '}' && !open.isEmpty()) {
          int start = open.pop();
          String name = code.substring(heads.pop(), start).strip().replaceAll("\\s+", " ");
          found.add(new Block(name, (int) code.substring(start, i + 1).lines().count()));
        }
        if (c == '{' || c == '}' || c == ';') {
          head = i + 1;
        }
      }
      return found;
    }
  }

  /// @param head what stands before the brace
  /// @param lines with those of both braces
  record Block(String head, int lines) {
    /// A type's body, named or not: its parts are looked at one by one.
    boolean isType() {
      return head.matches("(?s).*\\b(class|interface|enum|record)\\s+[A-Z].*|.*\\bnew\\s[^;]*\\)");
    }
  }

  static List<Source> java() {
    return walk(path -> path.toString().endsWith(".java"), "src");
  }

  /// Everything that a person reads: code, pages, scripts.
  static List<Source> texts() {
    List<Source> all = new ArrayList<>(java());
    all.addAll(decisions());
    all.addAll(walk(path -> !path.toString().endsWith(".class"), "src/main/resources"));
    try {
      all.add(new Source(Path.of("README.md"), Files.readString(ROOT.resolve("README.md"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  static List<Source> decisions() {
    return walk(path -> path.toString().endsWith(".md"), "decisions");
  }

  private static List<Source> walk(Predicate<Path> wanted, String folder) {
    List<Source> found = new ArrayList<>();
    for (String module : MODULES) {
      Path start = ROOT.resolve(module).resolve(folder);
      if (!Files.isDirectory(start)) {
        continue;
      }
      try (Stream<Path> paths = Files.walk(start)) {
        for (Path path : paths.filter(Files::isRegularFile).filter(wanted).sorted().toList()) {
          found.add(new Source(ROOT.relativize(path), Files.readString(path)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve("proxy-routing-table"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException(
          "no proxy-routing-table above " + Path.of("").toAbsolutePath());
    }
    return at;
  }
}
