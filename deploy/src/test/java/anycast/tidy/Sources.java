package anycast.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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
      return text.replaceAll("(?s)\"\"\".*?\"\"\"", "\"\"")
          .replaceAll("\"(\\\\.|[^\"\\\\\n])*\"", "\"\"")
          .replaceAll("(?s)/\\*.*?\\*/", "")
          .replaceAll("//[^\n]*", "");
    }
  }

  static List<Source> java() {
    return walk(path -> path.toString().endsWith(".java"), "src");
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
