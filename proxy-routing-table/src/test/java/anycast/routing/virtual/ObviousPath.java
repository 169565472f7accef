package anycast.routing.virtual;

import anycast.routing.virtual.PathPolicy.Controls;
import anycast.routing.virtual.PathPolicy.Dots;
import anycast.routing.virtual.PathPolicy.Parameters;
import anycast.routing.virtual.PathPolicy.Slashes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The canonical form of a path once more, slow and in as many steps as the rules have: first each
/// character by itself, then the list of segments.
final class ObviousPath {
  private static final String KEPT_SLASH = "%2F";
  private static final String KEPT_BACKSLASH = "%5C";

  private ObviousPath() {}

  /// @return the canonical target, or `!` where it is refused
  static String of(String target, PathPolicy policy) {
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark);
    List<String> characters = characters(path);
    if (characters == null || !path.startsWith("/")) {
      return "!";
    }
    StringBuilder text = new StringBuilder();
    for (String character : characters) {
      String kept = kept(character, policy);
      if (kept == null) {
        return "!";
      }
      text.append(kept);
    }
    String resolved = resolved(text.substring(1), policy);
    return resolved == null ? "!" : resolved + query;
  }

  /// Plain characters as they are, all others as `%XX`, a raw `\` and `%5C` alike; null where there
  /// is something that no path holds.
  private static List<String> characters(String path) {
    List<String> characters = new ArrayList<>();
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      int c = bytes[i] & 0xff;
      if (c == '%') {
        String hex = new String(bytes, i, Math.min(3, bytes.length - i), StandardCharsets.UTF_8);
        if (!hex.matches("%[0-9A-Fa-f]{2}")) {
          return null;
        }
        int octet = Integer.parseInt(hex.substring(1), 16);
        boolean unreserved = octet < 128 && ("" + (char) octet).matches("[A-Za-z0-9._~-]");
        characters.add(unreserved ? "" + (char) octet : String.format("%%%02X", octet));
        i += 2;
      } else if (c <= ' ' || c == 0x7f || c == '#') {
        return null;
      } else if (c < 128 && ("" + (char) c).matches("[A-Za-z0-9._~!$&'()*+,;=:@/-]")) {
        characters.add("" + (char) c);
      } else {
        characters.add(String.format("%%%02X", c));
      }
    }
    return characters;
  }

  private static String kept(String character, PathPolicy policy) {
    if (character.equals(KEPT_SLASH)) {
      return switch (policy.encodedSlash()) {
        case REFUSE -> null;
        case KEEP -> character;
        case DECODE -> "/";
      };
    }
    if (character.equals(KEPT_BACKSLASH)) {
      return switch (policy.backslash()) {
        case REFUSE -> null;
        case KEEP -> character;
        case SLASH -> "/";
      };
    }
    if (character.equals(";") && policy.parameters() == Parameters.REFUSE
        || character.equals("%00")
        || character.matches("%[01].|%7F") && policy.controls() == Controls.REFUSE) {
      return null;
    }
    return character;
  }

  private static String resolved(String text, PathPolicy policy) {
    String[] all = text.split("/", -1);
    List<String> segments = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      boolean last = i == all.length - 1;
      for (String part : all[i].split("%2F|%5C", -1)) {
        if (!part.equals(all[i]) && part.replaceFirst(";.*", "").matches("\\.\\.?")) {
          return null;
        }
      }
      String name = all[i].replaceFirst(";.*", "");
      boolean parameters = all[i].contains(";");
      if (parameters && policy.parameters() == Parameters.KEEP && name.matches("|\\.|\\.\\.")) {
        return null;
      }
      String segment = policy.parameters() == Parameters.DROP ? name : all[i];
      switch (segment) {
        case "" -> {
          if (last || policy.slashes() == Slashes.KEEP) {
            segments.add("");
          } else if (policy.slashes() == Slashes.REFUSE) {
            return null;
          }
        }
        case ".", ".." -> {
          if (policy.dots() == Dots.REFUSE) {
            return null;
          }
          if (segment.equals("..")) {
            if (segments.isEmpty()) {
              return null;
            }
            segments.removeLast();
          }
          if (last) {
            segments.add("");
          }
        }
        default -> segments.add(segment);
      }
    }
    return "/" + String.join("/", segments);
  }
}
