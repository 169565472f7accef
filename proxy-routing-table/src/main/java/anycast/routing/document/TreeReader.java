package anycast.routing.document;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.events.StreamEndEvent;

/// Text to [Tree], from SnakeYAML's events: its objects are never built, so what YAML can do beside
/// mappings, lists and scalars (aliases that unfold to gigabytes, tags that name classes, merge
/// keys) ends here, with a line.
///
/// **Limits.** [#MAX_DEPTH], [#MAX_NODES]; the text's length is checked before.
final class TreeReader {
  /// Our documents nest 8 deep.
  static final int MAX_DEPTH = 20;

  /// 25 values for each of the rules that a document may have.
  static final int MAX_NODES = 500_000;

  private final Findings findings;
  private final Iterator<Event> events;
  private int nodes;

  /// What was read last; null at first.
  private Event last;

  private TreeReader(String text, Findings findings) {
    this.findings = findings;
    LoaderOptions limits = new LoaderOptions();
    limits.setCodePointLimit(DocumentReader.MAX_CHARS);
    this.events = new Yaml(limits).parse(new StringReader(text)).iterator();
  }

  /// @return null where the text cannot be read at all, which is noted then
  static Tree read(String text, Findings findings) {
    try {
      return new TreeReader(text, findings).document();
    } catch (Refused e) {
      findings.problem(e.line, e.column, "", e.getMessage());
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      findings.problem(
          mark == null ? 0 : mark.getLine() + 1,
          mark == null ? 0 : mark.getColumn() + 1,
          "",
          "is not YAML: " + oneLine(e.getProblem()));
    } catch (YAMLException e) {
      findings.problem(0, 0, "", "is not YAML: " + oneLine(e.getMessage()));
    }
    return null;
  }

  /// SnakeYAML throws what its parts throw, such as `NumberFormatException` for `"\UFFFFFFFF"`.
  private Event next() throws Refused {
    try {
      Event event = events.next();
      last = event;
      return event;
    } catch (YAMLException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new Refused(
          last == null ? 0 : line(last),
          last == null ? 0 : column(last),
          "is not YAML, after this place: " + oneLine(e.getMessage()));
    }
  }

  private Tree document() throws Refused {
    next(); // of the stream
    if (!(next() instanceof DocumentStartEvent)) {
      throw new Refused(0, 0, "is empty; wants `hosts:` and `rules:`");
    }
    Tree tree = node(next(), 1);
    next(); // of the document
    Event end = next();
    if (!(end instanceof StreamEndEvent)) {
      throw refused(end, "a second document begins; wants one");
    }
    return tree;
  }

  private Tree node(Event event, int depth) throws Refused {
    if (depth > MAX_DEPTH) {
      throw refused(event, "nests deeper than " + MAX_DEPTH);
    }
    if (++nodes > MAX_NODES) {
      throw refused(event, "has more than " + MAX_NODES + " values");
    }
    if (event instanceof AliasEvent) {
      throw refused(event, "aliases (*name) are not used here; write the value out");
    }
    if (event instanceof NodeEvent node && node.getAnchor() != null) {
      throw refused(event, "anchors (&name) are not used here; write the value out each time");
    }
    int line = line(event);
    int column = column(event);
    return switch (event) {
      case ScalarEvent scalar -> {
        noTag(event, scalar.getTag());
        if (hasLoneSurrogate(scalar.getValue())) {
          throw refused(event, "has half of a surrogate pair, which is no character");
        }
        yield new Tree.Scalar(scalar.getValue(), scalar.isPlain(), line, column);
      }
      case SequenceStartEvent sequence -> {
        noTag(event, sequence.getTag());
        yield new Tree.Sequence(items(depth), line, column);
      }
      case MappingStartEvent mapping -> {
        noTag(event, mapping.getTag());
        yield new Tree.Mapping(entries(depth), line, column);
      }
      default -> throw new IllegalStateException("not the start of a value: " + event);
    };
  }

  private List<Tree> items(int depth) throws Refused {
    List<Tree> items = new ArrayList<>();
    for (Event event = next(); !(event instanceof SequenceEndEvent); event = next()) {
      items.add(node(event, depth + 1));
    }
    return items;
  }

  private List<Tree.Entry> entries(int depth) throws Refused {
    List<Tree.Entry> entries = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (Event event = next(); !(event instanceof MappingEndEvent); event = next()) {
      if (!(node(event, depth + 1) instanceof Tree.Scalar key)) {
        throw refused(event, "a key wants to be a word");
      }
      Tree value = node(next(), depth + 1);
      if (keys.add(key.text())) {
        entries.add(new Tree.Entry(key, value));
      } else {
        findings.problem(
            key.line(), key.column(), "", "the key '" + key.text() + "' stands here twice");
      }
    }
    return entries;
  }

  /// As `"\uD800"` makes one; no encoding has it.
  private static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static void noTag(Event event, String tag) throws Refused {
    if (tag != null && !tag.equals("!")) {
      throw refused(event, "tags (!name) are not used here");
    }
  }

  private static Refused refused(Event event, String message) {
    return new Refused(line(event), column(event), message);
  }

  private static int line(Event event) {
    return event.getStartMark() == null ? 0 : event.getStartMark().getLine() + 1;
  }

  private static int column(Event event) {
    return event.getStartMark() == null ? 0 : event.getStartMark().getColumn() + 1;
  }

  private static String oneLine(String message) {
    return message == null ? "unknown" : message.lines().findFirst().orElse("unknown");
  }

  /// Leaves the descent; never leaves this class.
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final int line;
    private final int column;

    Refused(int line, int column, String message) {
      super(message, null, false, false);
      this.line = line;
      this.column = column;
    }
  }
}
