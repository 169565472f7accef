package anycast.edge.request;

import anycast.backhaul.head.Fields;
import anycast.routing.model.rule.HeaderEdits;

/// Does a rule's edits on a head's fields.
///
/// What frames a message, belongs to the hop, or is the edge's word towards apps and clients is no
/// rule's to edit. Documents with such edits are refused before they come here; this is the second
/// lock, at the place where it would hurt: an edit that may not be, and a value with a line break,
/// is left out.
final class FieldEdits {
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

  static boolean editable(String name) {
    return token(name) && HeaderEdits.editable(name);
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
