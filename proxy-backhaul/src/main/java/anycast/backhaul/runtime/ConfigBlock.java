package anycast.backhaul.runtime;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// One mapping of a configuration file, with typed readers.
///
/// A reader with a fallback takes an absent key; one without notes it as missing. A reader that
/// noted a problem returns a stand-in, see [ConfigFile]. A block that is absent altogether reads as
/// empty and notes nothing that was noted already.
///
/// **Threading.** One thread, at start.
public final class ConfigBlock {
  private final ConfigFile file;
  private final String name;
  private final int line;

  /// A stand-in for a block that is missing: its own keys are not missed one by one.
  private final boolean silent;

  private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
  private final Set<String> asked = new LinkedHashSet<>();

  ConfigBlock(ConfigFile file, MappingNode node, String name) {
    this.file = file;
    this.name = name;
    this.line = line(node);
    this.silent = false;
    file.add(this);
    for (NodeTuple entry : node.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        file.note(line(entry.getKeyNode()), "wants a plain key" + in());
      } else if (entries.putIfAbsent(key.getValue(), entry) != null) {
        file.note(line(key), "key `" + LogText.escape(key.getValue()) + "` stands twice" + in());
      }
    }
  }

  private ConfigBlock(ConfigFile file, String name, boolean silent) {
    this.file = file;
    this.name = name;
    this.line = 0;
    this.silent = silent;
  }

  /// Whether the key is there, with a value.
  public boolean has(String key) {
    return value(key) != null;
  }

  /// Notes a problem that only the caller can see.
  public void note(String key, String text) {
    NodeTuple entry = entries.get(key);
    file.note(entry == null ? line : line(entry.getKeyNode()), "`" + full(key) + "` " + text);
  }

  public String text(String key) {
    return require(key, text(key, ""));
  }

  public String text(String key, String fallback) {
    Node node = value(key);
    if (node == null) {
      return fallback;
    }
    String text = scalar(node, key, "text", Tag.STR);
    return text == null ? fallback : text;
  }

  /// A text that `parse` takes, such as `NodeId::new`; null after a problem.
  ///
  /// @param parse throws `IllegalArgumentException` with a sentence where it does not
  public <T> T parsed(String key, Function<String, T> parse) {
    T parsed = parsed(key, parse, null);
    return require(key, parsed);
  }

  public <T> T parsed(String key, Function<String, T> parse, T fallback) {
    Node node = value(key);
    String text = node == null ? null : scalar(node, key, "text", Tag.STR);
    if (text == null) {
      return fallback;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      note(key, e.getMessage());
      return fallback;
    }
  }

  /// `host:port`; null after a problem.
  public HostPort hostPort(String key) {
    return parsed(key, HostPort::parse);
  }

  public int integer(String key, int min, int max) {
    return require(key, integer(key, min, min, max));
  }

  public int integer(String key, int fallback, int min, int max) {
    Node node = value(key);
    String text = node == null ? null : scalar(node, key, "a whole number", Tag.INT);
    if (text == null) {
      return fallback;
    }
    try {
      int number = Integer.parseInt(text.replace("_", ""));
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Octal, hexadecimal, or too large: what is wanted is the same.
    }
    note(key, "wants a whole number from " + min + " to " + max);
    return fallback;
  }

  public boolean bool(String key) {
    return require(key, bool(key, false));
  }

  public boolean bool(String key, boolean fallback) {
    Node node = value(key);
    String text = node == null ? null : scalar(node, key, "true or false", Tag.BOOL);
    return text == null
        ? fallback
        : Set.of("true", "yes", "on").contains(text.toLowerCase(Locale.ROOT));
  }

  /// `250ms`, `2s`, `5m`, `1h`.
  public Duration duration(String key, Duration fallback) {
    return parsed(key, ConfigValues::duration, fallback);
  }

  /// One that is more than nothing.
  public Duration positive(String key, Duration fallback) {
    Duration duration = duration(key, fallback);
    if (duration.isPositive()) {
      return duration;
    }
    note(key, "wants more than nothing");
    return fallback;
  }

  /// One of an enum's constants, in lower case.
  public <E extends Enum<E>> E choice(String key, Class<E> type, E fallback) {
    return parsed(key, text -> ConfigValues.constant(type, text), fallback);
  }

  /// A path that need not exist; null after a problem.
  public Path path(String key) {
    return parsed(key, file::resolve);
  }

  public Path path(String key, Path fallback) {
    return parsed(key, file::resolve, fallback);
  }

  /// A file that exists and can be read; null after a problem.
  public Path file(String key) {
    return parsed(key, this::readable);
  }

  public Path file(String key, Path fallback) {
    return parsed(key, this::readable, fallback);
  }

  /// At least one absolute `http` or `https` address.
  public List<URI> uris(String key) {
    List<URI> uris = new ArrayList<>();
    for (String text : texts(key)) {
      try {
        uris.add(ConfigValues.httpUri(text));
      } catch (IllegalArgumentException e) {
        note(key, e.getMessage());
      }
    }
    return List.copyOf(uris);
  }

  /// A list of texts, at least one.
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Node item : items(key)) {
      String text = scalar(item, key, "a list of texts", Tag.STR);
      if (text != null) {
        texts.add(text);
      }
    }
    return List.copyOf(texts);
  }

  /// A list of blocks, at least one.
  public List<ConfigBlock> blocks(String key) {
    List<ConfigBlock> blocks = new ArrayList<>();
    for (Node item : items(key)) {
      if (item instanceof MappingNode mapping) {
        blocks.add(new ConfigBlock(file, mapping, full(key) + "[" + blocks.size() + "]"));
      } else {
        file.note(line(item), "`" + full(key) + "` wants a list of blocks");
      }
    }
    return List.copyOf(blocks);
  }

  /// Like [#blocks] where the list may be empty or absent.
  public List<ConfigBlock> optionalBlocks(String key) {
    Node node = value(key);
    boolean empty = node instanceof SequenceNode list && list.getValue().isEmpty();
    return node == null || empty ? List.of() : blocks(key);
  }

  /// Free keys with text values; empty where absent.
  public Map<String, String> textMap(String key) {
    ConfigBlock block = optionalBlock(key);
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : List.copyOf(block.entries.keySet())) {
      texts.put(name, block.text(name));
    }
    return texts;
  }

  public ConfigBlock block(String key) {
    Node node = value(key);
    if (node == null) {
      require(key, null);
      return new ConfigBlock(file, full(key), true);
    }
    return inner(key, node);
  }

  /// An absent block reads as an empty one.
  public ConfigBlock optionalBlock(String key) {
    Node node = value(key);
    return node == null ? new ConfigBlock(file, full(key), false) : inner(key, node);
  }

  void noteUnknownKeys() {
    for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
      if (!asked.contains(entry.getKey())) {
        String key = LogText.escape(entry.getKey());
        String hint =
            Nearest.of(entry.getKey(), asked)
                .map(near -> "; did you mean `" + near + "`?")
                .orElse("; known are " + String.join(", ", asked));
        file.note(line(entry.getValue().getKeyNode()), "unknown key `" + key + "`" + in() + hint);
      }
    }
  }

  private ConfigBlock inner(String key, Node node) {
    if (node instanceof MappingNode mapping) {
      return new ConfigBlock(file, mapping, full(key));
    }
    note(key, "wants a block of `key: value` lines");
    return new ConfigBlock(file, full(key), true);
  }

  private List<Node> items(String key) {
    Node node = value(key);
    if (node == null) {
      require(key, null);
      return List.of();
    }
    if (!(node instanceof SequenceNode list) || list.getValue().isEmpty()) {
      note(key, "wants a list with at least one entry");
      return List.of();
    }
    return list.getValue();
  }

  private Node value(String key) {
    asked.add(key);
    NodeTuple entry = entries.get(key);
    Node node = entry == null ? null : entry.getValueNode();
    return node == null || Tag.NULL.equals(node.getTag()) ? null : node;
  }

  private <T> T require(String key, T value) {
    if (!silent && value(key) == null) {
      file.note(line, "missing key `" + key + "`" + in());
    }
    return value;
  }

  /// The scalar's text, or null after a problem.
  private String scalar(Node node, String key, String wanted, Tag tag) {
    if (node instanceof ScalarNode scalar && tag.equals(scalar.getTag())) {
      return scalar.getValue();
    }
    String quote = tag.equals(Tag.STR) && node instanceof ScalarNode ? ": put it in quotes" : "";
    file.note(
        line(node),
        "`" + full(key) + "` wants " + wanted + ", has " + ConfigValues.kind(node) + quote);
    return null;
  }

  private Path readable(String text) {
    Path path = file.resolve(text);
    if (Files.isDirectory(path)) {
      throw new IllegalArgumentException("names a directory, wants a file: " + path);
    }
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException("names a file that is not there: " + path);
    }
    if (!Files.isReadable(path)) {
      throw new IllegalArgumentException("names a file that this user may not read: " + path);
    }
    return path;
  }

  private String full(String key) {
    return name.isEmpty() ? key : name + "." + key;
  }

  private String in() {
    return name.isEmpty() ? "" : " in `" + name + "`";
  }

  private static int line(Node node) {
    return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
  }
}
