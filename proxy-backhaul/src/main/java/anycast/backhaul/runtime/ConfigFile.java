package anycast.backhaul.runtime;

import anycast.backhaul.runtime.ConfigProblems.Problem;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/// A YAML configuration file whose values know their line.
///
/// Reading goes in three steps, so that a user sees every problem at once and not the first one
/// only: [#read]; take each value through the typed readers of [#root()], which note a problem and
/// hand out a stand-in (`""`, 0, `false`, null, an empty block); then [#check], after which no
/// stand-in is left. Build configuration records only after `check`.
///
/// **Threading.** One thread, at start.
public final class ConfigFile {
  /// A megabyte is a hundred times our longest configuration; more is a wrong file.
  private static final int MAX_BYTES = 1 << 20;

  /// Ours nest 4 deep.
  private static final int MAX_DEPTH = 20;

  private final Path path;
  private final List<Problem> problems = new ArrayList<>();
  private final List<ConfigBlock> blocks = new ArrayList<>();
  private ConfigBlock root;

  private ConfigFile(Path path) {
    this.path = path;
  }

  /// Reads and parses.
  ///
  /// **Faults.** `ConfigProblems` where there is nothing to take values from: no such file, not
  /// readable, not YAML, not a mapping.
  public static ConfigFile read(Path path) throws ConfigProblems {
    ConfigFile file = new ConfigFile(path.toAbsolutePath());
    file.root = new ConfigBlock(file, file.parse(file.text()), "");
    return file;
  }

  /// The outermost block.
  public ConfigBlock root() {
    return root;
  }

  /// Throws all that was noted, and each key that nobody asked for.
  public void check() throws ConfigProblems {
    blocks.forEach(ConfigBlock::noteUnknownKeys);
    blocks.clear();
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparingInt(Problem::line));
      throw new ConfigProblems(problems);
    }
  }

  void add(ConfigBlock block) {
    blocks.add(block);
  }

  void note(int line, String text) {
    problems.add(new Problem(path.toString(), line, text));
  }

  /// Relative paths are meant from the directory of the file, not of the process.
  Path resolve(String relative) {
    return path.resolveSibling(relative).normalize();
  }

  private String text() throws ConfigProblems {
    try {
      if (Files.isDirectory(path)) {
        throw fatal(0, "is a directory, wants a file");
      }
      if (Files.size(path) > MAX_BYTES) {
        throw fatal(0, "is larger than " + MAX_BYTES + " bytes");
      }
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw fatal(0, "no such file");
    } catch (AccessDeniedException e) {
      throw fatal(0, "may not be read by this user");
    } catch (CharacterCodingException e) {
      throw fatal(0, "is not UTF-8 text");
    } catch (IOException e) {
      throw fatal(0, "cannot be read: " + e);
    }
  }

  private MappingNode parse(String text) throws ConfigProblems {
    LoaderOptions limits = new LoaderOptions();
    limits.setCodePointLimit(MAX_BYTES);
    limits.setNestingDepthLimit(MAX_DEPTH);
    limits.setMaxAliasesForCollections(0);
    Node node;
    try {
      node = new Yaml(limits).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      throw fatal(line, "is not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      throw fatal(0, "is not YAML: " + firstLine(e.getMessage()));
    }
    if (node instanceof MappingNode mapping) {
      return mapping;
    }
    throw fatal(node == null ? 0 : 1, "wants `key: value` lines");
  }

  private static String firstLine(String message) {
    return message == null ? "unknown" : message.lines().findFirst().orElse("unknown");
  }

  private ConfigProblems fatal(int line, String text) {
    return new ConfigProblems(List.of(new Problem(path.toString(), line, text)));
  }
}
