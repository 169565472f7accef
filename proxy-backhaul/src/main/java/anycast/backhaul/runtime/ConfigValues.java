package anycast.backhaul.runtime;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// Texts of a configuration as values: each throws `IllegalArgumentException` with what is wanted.
final class ConfigValues {
  private ConfigValues() {}

  static String kind(Node node) {
    return switch (node) {
      case MappingNode _ -> "a block";
      case SequenceNode _ -> "a list";
      default -> {
        Tag tag = node.getTag();
        yield tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)
            ? "a number"
            : tag.equals(Tag.BOOL)
                ? "a truth value"
                : tag.equals(Tag.STR) ? "text" : tag.getValue();
      }
    };
  }

  static URI httpUri(String text) {
    try {
      URI uri = new URI(text);
      if (Set.of("http", "https").contains(lower(String.valueOf(uri.getScheme())))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The sentence below says what is wanted.
    }
    throw new IllegalArgumentException("wants addresses like http://127.0.0.1:9000");
  }

  static Duration duration(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    if (digits > 0 && digits < 10) {
      long count = Long.parseLong(text.substring(0, digits));
      switch (text.substring(digits)) {
        case "ms":
          return Duration.ofMillis(count);
        case "s":
          return Duration.ofSeconds(count);
        case "m":
          return Duration.ofMinutes(count);
        case "h":
          return Duration.ofHours(count);
        default:
          break;
      }
    }
    throw new IllegalArgumentException("wants a duration like 250ms, 2s, 5m or 1h");
  }

  static <E extends Enum<E>> E constant(Class<E> type, String text) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = lower(constant.name());
      if (name.equals(text)) {
        return constant;
      }
      names.add(name);
    }
    throw new IllegalArgumentException("wants one of " + String.join(", ", names));
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
