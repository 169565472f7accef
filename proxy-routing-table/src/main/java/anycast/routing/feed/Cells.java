package anycast.routing.feed;

import java.util.Collections;
import java.util.List;

/// The cells of one row as a source delivered them.
public sealed interface Cells {
  /// @param values each `null`, `Long`, `Double`, `String`, `Boolean` or `byte[]`, in column order
  record Values(List<Object> values) implements Cells {
    public Values {
      values = Collections.unmodifiableList(values);
    }
  }

  /// The row is there, its cells could not be read; the stream goes on.
  ///
  /// @param first cells that could be read, so that it is known whose row it is; often none
  record Unreadable(String reason, List<Object> first) implements Cells {
    public Unreadable {
      first = List.copyOf(first);
    }

    public Unreadable(String reason) {
      this(reason, List.of());
    }
  }
}
