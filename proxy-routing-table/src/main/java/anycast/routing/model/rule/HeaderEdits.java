package anycast.routing.model.rule;

import java.util.List;

/// Edits of a head in this order: remove, set, add. Names in lower case; none of them is framing,
/// hop-by-hop or one that only proxies write.
public record HeaderEdits(List<String> remove, List<Field> set, List<Field> add) {
  /// Nothing.
  public static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of(), List.of());

  public HeaderEdits {
    remove = List.copyOf(remove);
    set = List.copyOf(set);
    add = List.copyOf(add);
  }

  /// One header.
  public record Field(String name, String value) {}

  public boolean isEmpty() {
    return remove.isEmpty() && set.isEmpty() && add.isEmpty();
  }
}
