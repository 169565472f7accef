package anycast.edge.request;

import anycast.backhaul.head.Fields;
import anycast.routing.model.rule.HeaderEdits;
import java.util.List;
import java.util.Set;

/// Does a rule's edits on a head's fields.
///
/// What frames a message, belongs to the hop, or is the edge's word towards apps and clients is no
/// rule's to edit. Documents with such edits are refused before they come here; this is the second
/// lock, at the place where it would hurt: an edit that may not be, and a value with a line break,
/// is left out.
final class FieldEdits {
  /// Framing and hop-by-hop (RFC 9110 §7.6.1), and what makes loops visible.
  private static final Set<String> OF_THE_MESSAGE =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "max-forwards",
          "proxy-connection",
          "proxy-status",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via");

  /// What apps read as the edge's word; `x-forwarded-prefix` is a rule's to say.
  private static final Set<String> OF_THE_EDGE =
      Set.of(
          "forwarded",
          "proxy",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-forwarded-proto",
          "x-forwarded-ssl",
          "x-mirrored-by",
          "x-real-ip");

  private static final List<String> PREFIXES = List.of("x-anycast-", "fly-");

  private FieldEdits() {}

  /// Removes, sets and adds, in this order.
  static void apply(HeaderEdits edits, Fields fields) {
    for (String name : edits.remove()) {
      if (editable(name)) {
        remove(fields, name);
      }
    }
    for (HeaderEdits.Field field : edits.set()) {
      if (editable(field)) {
        remove(fields, field.name());
        fields.add(field.name(), field.value());
      }
    }
    for (HeaderEdits.Field field : edits.add()) {
      if (editable(field)) {
        fields.add(field.name(), field.value());
      }
    }
  }

  private static boolean editable(HeaderEdits.Field field) {
    return editable(field.name()) && oneLine(field.value());
  }

  /// Whether a rule may edit fields of this name, `_` taken for `-` as some apps do.
  static boolean editable(String name) {
    if (!token(name)) {
      return false;
    }
    String plain = name.indexOf('_') < 0 ? name : name.replace('_', '-');
    if (OF_THE_MESSAGE.contains(plain) || OF_THE_EDGE.contains(plain)) {
      return false;
    }
    for (String prefix : PREFIXES) {
      if (plain.startsWith(prefix)) {
        return false;
      }
    }
    return true;
  }

  /// A field name in lower case (RFC 9110 §5.1).
  private static boolean token(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
      if (!plain && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  /// Whether it is a field's value on every protocol (RFC 9110 §5.5), one byte a character.
  private static boolean oneLine(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  private static void remove(Fields fields, String name) {
    for (int i = fields.size() - 1; i >= 0; i--) {
      int start = fields.nameStart(i);
      if (Pairs.same(fields.array(), start, start + fields.nameLength(i), name)) {
        fields.remove(i);
      }
    }
  }
}
