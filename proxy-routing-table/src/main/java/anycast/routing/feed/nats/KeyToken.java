package anycast.routing.feed.nats;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A row's key cells as the key of a bucket's entry, and back.
///
/// A bucket's key holds letters, digits, `-`, `_`, `/`, `=` and dots that stand between tokens. So:
/// letters, digits, `-` and `_` stand for themselves; anything else is `=` and two upper-case hex
/// digits for each byte of its UTF-8, `*.example.com` is `=2A.example.com`. A dot separates cells;
/// the last cell keeps its own dots where they separate something, so that hostnames stay legible.
/// An empty cell is `=`.
///
/// **Threading.** Pure.
final class KeyToken {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private KeyToken() {}

  static String of(List<String> cells) {
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      if (i > 0) {
        key.append('.');
      }
      escape(cells.get(i), i == cells.size() - 1, key);
    }
    return key.toString();
  }

  private static void escape(String cell, boolean last, StringBuilder key) {
    if (cell.isEmpty()) {
      key.append('=');
      return;
    }
    byte[] bytes = cell.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      boolean separates = b == '.' && last && i > 0 && i < bytes.length - 1 && bytes[i - 1] != '.';
      if (stands(b) || separates) {
        key.append((char) b);
      } else {
        key.append('=');
        HEX.toHexDigits(key, b);
      }
    }
  }

  private static boolean stands(byte b) {
    return b >= 'a' && b <= 'z'
        || b >= 'A' && b <= 'Z'
        || b >= '0' && b <= '9'
        || b == '-'
        || b == '_';
  }

  /// @param cells how many the table's key has
  /// @return empty where no row's key reads so
  static Optional<List<String>> cells(String key, int cells) {
    String[] tokens = key.split("\\.", cells);
    if (tokens.length != cells) {
      return Optional.empty();
    }
    List<String> values = new ArrayList<>();
    for (String token : tokens) {
      byte[] bytes = unescaped(token);
      if (bytes == null) {
        return Optional.empty();
      }
      values.add(new String(bytes, StandardCharsets.UTF_8));
    }
    // the one way to write a key, so that no two entries are one row
    return of(values).equals(key) ? Optional.of(values) : Optional.empty();
  }

  private static byte[] unescaped(String token) {
    if (token.equals("=")) {
      return new byte[0];
    }
    byte[] bytes = new byte[token.length()];
    int length = 0;
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c != '=') {
        bytes[length++] = (byte) c;
      } else if (i + 2 < token.length()
          && HexFormat.isHexDigit(token.charAt(i + 1))
          && HexFormat.isHexDigit(token.charAt(i + 2))) {
        bytes[length++] = (byte) HexFormat.fromHexDigits(token, i + 1, i + 3);
        i += 2;
      } else {
        return null;
      }
    }
    return java.util.Arrays.copyOf(bytes, length);
  }
}
