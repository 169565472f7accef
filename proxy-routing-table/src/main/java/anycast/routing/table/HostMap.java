package anycast.routing.table;

import java.util.function.BiConsumer;

/// Host name → entry: the exact name, else the longest wildcard.
///
/// A wildcard `*.example.com` is kept as `example.com` in a map of its own. `labels` counts the
/// wildcards by their number of labels, so that a walk over the dots of a host asks only for
/// lengths that exist: most fleets have one or two, and a host of 126 dots costs no 126 hashes.
///
/// **Threading.** Immutable; lookups do not allocate. **Limits.** Names of at most 253 bytes (RFC
/// 1035 §2.3.4); longer ones are unknown.
final class HostMap<E> {
  private static final int MAX_NAME_BYTES = 253;

  /// 253 bytes are at most 127 labels; names with empty labels share the last cell.
  private static final int MAX_LABELS = 127;

  final ShardMap<E> exact;
  final ShardMap<E> wildcards;
  private final int[] labels;

  private HostMap(ShardMap<E> exact, ShardMap<E> wildcards, int[] labels) {
    this.exact = exact;
    this.wildcards = wildcards;
    this.labels = labels;
  }

  static <E> HostMap<E> empty(Layout<E> layout) {
    return new HostMap<>(ShardMap.empty(layout), ShardMap.empty(layout), new int[MAX_LABELS + 1]);
  }

  int size() {
    return exact.size() + wildcards.size();
  }

  /// The entry of this very host, or null.
  E exact(byte[] host, int start, int length) {
    return length <= 0 || length > MAX_NAME_BYTES ? null : exact.find(host, start, length);
  }

  /// The entry of the longest wildcard that covers the host, or null.
  E wildcard(byte[] host, int start, int length) {
    return wildcards.size() == 0 || length <= 0 || length > MAX_NAME_BYTES
        ? null
        : longestWildcard(host, start, start + length);
  }

  private E longestWildcard(byte[] host, int start, int end) {
    int left = 1;
    for (int i = start; i < end; i++) {
      left += host[i] == '.' ? 1 : 0;
    }
    for (int i = start; i < end; i++) {
      if (host[i] != '.') {
        continue;
      }
      left--;
      // The star stands for at least one character: a leading dot is no label.
      if (i > start && labels[Math.min(left, MAX_LABELS)] > 0) {
        E entry = wildcards.find(host, i + 1, end - i - 1);
        if (entry != null) {
          return entry;
        }
      }
    }
    return null;
  }

  /// The entry of this very name, star included; or null.
  E entry(String name) {
    return isWildcard(name) ? wildcards.find(name, 2) : exact.find(name, 0);
  }

  static boolean isWildcard(String name) {
    return name.startsWith("*.");
  }

  /// Tells what each name means in this version and in another one, where that differs by identity;
  /// null stands for none.
  void differences(HostMap<E> after, BiConsumer<? super E, ? super E> each) {
    exact.differences(after.exact, each);
    wildcards.differences(after.wildcards, each);
  }

  Edit<E> edit() {
    return new Edit<>(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit<E> {
    private final HostMap<E> base;
    private final ShardMap.Edit<E> exact;
    private final ShardMap.Edit<E> wildcards;
    private int[] labels;

    private Edit(HostMap<E> base) {
      this.base = base;
      this.exact = base.exact.edit();
      this.wildcards = base.wildcards.edit();
      this.labels = base.labels;
    }

    /// What is known under a name as its owner writes it, star included; or null.
    E find(String name) {
      return isWildcard(name) ? wildcards.find(name.substring(2)) : exact.find(name);
    }

    /// @param entry under the name without its star
    void put(String name, E entry) {
      if (!isWildcard(name)) {
        exact.put(entry);
      } else if (wildcards.put(entry) == null) {
        count(name, 1);
      }
    }

    /// @param entry what [#find] answers
    void remove(String name, E entry) {
      if (isWildcard(name)) {
        wildcards.remove(entry);
        count(name, -1);
      } else {
        exact.remove(entry);
      }
    }

    HostMap<E> freeze() {
      ShardMap<E> names = exact.freeze();
      ShardMap<E> stars = wildcards.freeze();
      return names == base.exact && stars == base.wildcards
          ? base
          : new HostMap<>(names, stars, labels);
    }

    /// @param name with its star
    private void count(String name, int step) {
      int count = 0;
      for (int i = 0; i < name.length(); i++) {
        count += name.charAt(i) == '.' ? 1 : 0;
      }
      labels = labels == base.labels ? labels.clone() : labels;
      labels[Math.min(count, MAX_LABELS)] += step;
    }
  }
}
