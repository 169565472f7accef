package anycast.routing.document;

import anycast.routing.model.rule.HeaderEdits;
import java.util.ArrayList;
import java.util.List;

/// Edits of a head.
final class HeaderReading {
  /// An app's head has some twenty fields.
  private static final int MAX_EDITS = 32;

  private HeaderReading() {}

  /// @param value null = none
  static HeaderEdits edits(Value value) {
    if (value == null) {
      return HeaderEdits.NONE;
    }
    Block edits = value.block(Shape.EDITS, "`set:`, `add:` or `remove:`");
    return new HeaderEdits(
        removed(edits.value("remove")), fields(edits.value("set")), fields(edits.value("add")));
  }

  private static List<String> removed(Value value) {
    List<String> names = new ArrayList<>();
    if (value != null) {
      for (Value item : value.list(MAX_EDITS, "headers")) {
        String text = item.text("a header's name");
        if (!text.isEmpty() || item.isEmptyText()) {
          Tree.Scalar name = (Tree.Scalar) item.tree();
          names.add(edited(new Value.Named(name, item)));
        }
      }
    }
    return names;
  }

  private static List<HeaderEdits.Field> fields(Value value) {
    List<HeaderEdits.Field> fields = new ArrayList<>();
    if (value != null) {
      List<String> names = new ArrayList<>();
      for (Value.Named entry : value.named(MAX_EDITS, "headers and their values")) {
        String name = edited(entry);
        if (!name.isEmpty() && names.contains(name)) {
          entry.problem("stands here twice");
        }
        names.add(name);
        String text = entry.value().text("a header's value");
        Texts.checkFieldValue(entry.value(), text);
        fields.add(new HeaderEdits.Field(name, text));
      }
    }
    return fields;
  }

  /// @return in lower case; empty where it is none that rules may edit
  private static String edited(Value.Named entry) {
    String name = Texts.headerName(entry);
    String why = Texts.notEdited(name);
    if (!why.isEmpty()) {
      entry.problem(why);
    }
    return name;
  }
}
