package anycast.routing.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import anycast.routing.model.Hostname;
import java.util.function.Consumer;

/// Host name → slot of its app: the exact name, else the longest wildcard.
///
/// A wildcard `*.example.com` is kept as `example.com` in a map of its own. `labels` counts the
/// wildcards by their number of labels, so that a walk over the dots of a host asks only for
/// lengths that exist: most fleets have one or two, and a host of 126 dots costs no 126 hashes.
///
/// **Threading.** Immutable; [#slot] does not allocate. **Limits.** Names of at most 253 bytes (RFC
/// 1035 §2.3.4); longer ones are unknown.
final class RouteIndex {
  private static final int MAX_NAME_BYTES = 253;

  /// 253 bytes are at most 127 labels; names with empty labels share the last cell.
  private static final int MAX_LABELS = 127;

  static final RouteIndex EMPTY =
      new RouteIndex(
          ShardMap.empty(HostRecord.LAYOUT),
          ShardMap.empty(HostRecord.LAYOUT),
          new int[MAX_LABELS + 1]);

  final ShardMap<byte[]> exact;
  final ShardMap<byte[]> wildcards;
  private final int[] labels;

  private RouteIndex(ShardMap<byte[]> exact, ShardMap<byte[]> wildcards, int[] labels) {
    this.exact = exact;
    this.wildcards = wildcards;
    this.labels = labels;
  }

  /// @return -1 where no name covers the host
  int slot(byte[] host, int start, int length) {
    if (length <= 0 || length > MAX_NAME_BYTES) {
      return -1;
    }
    byte[] entry = exact.find(host, start, length);
    if (entry == null && wildcards.size() > 0) {
      entry = longestWildcard(host, start, start + length);
    }
    return entry == null ? -1 : HostRecord.slot(entry);
  }

  private byte[] longestWildcard(byte[] host, int start, int end) {
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
        byte[] entry = wildcards.find(host, i + 1, end - i - 1);
        if (entry != null) {
          return entry;
        }
      }
    }
    return null;
  }

  /// The row of this very name, star included; or null.
  Hostname row(String name, AppSlots apps) {
    boolean star = name.startsWith("*.");
    byte[] host = star ? wildcards.find(name, 2) : exact.find(name, 0);
    return host == null ? null : hostname(star ? "*." : "", host, apps);
  }

  int size() {
    return exact.size() + wildcards.size();
  }

  void each(AppSlots apps, Consumer<Hostname> each) {
    exact.each(host -> each.accept(hostname("", host, apps)));
    wildcards.each(host -> each.accept(hostname("*.", host, apps)));
  }

  static Hostname hostname(String prefix, byte[] host, AppSlots apps) {
    String name = prefix + new String(HostRecord.name(host), UTF_8);
    return new Hostname(name, apps.at(HostRecord.slot(host)).id(), HostRecord.generation(host));
  }

  Edit edit() {
    return new Edit(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final RouteIndex base;
    private final ShardMap.Edit<byte[]> exact;
    private final ShardMap.Edit<byte[]> wildcards;
    private int[] labels;

    private Edit(RouteIndex base) {
      this.base = base;
      this.exact = base.exact.edit();
      this.wildcards = base.wildcards.edit();
      this.labels = base.labels;
    }

    /// What is known under a hostname as its owner writes it, star included; or null.
    byte[] find(String name) {
      return isWildcard(name) ? wildcards.find(name.substring(2)) : exact.find(name);
    }

    void put(String name, int slot, long generation) {
      if (!isWildcard(name)) {
        exact.put(HostRecord.of(name.getBytes(UTF_8), slot, generation));
        return;
      }
      byte[] suffix = name.substring(2).getBytes(UTF_8);
      if (wildcards.put(HostRecord.of(suffix, slot, generation)) == null) {
        count(suffix, 1);
      }
    }

    void remove(String name, byte[] host) {
      if (isWildcard(name)) {
        wildcards.remove(host);
        count(HostRecord.name(host), -1);
      } else {
        exact.remove(host);
      }
    }

    RouteIndex freeze() {
      ShardMap<byte[]> names = exact.freeze();
      ShardMap<byte[]> stars = wildcards.freeze();
      return names == base.exact && stars == base.wildcards
          ? base
          : new RouteIndex(names, stars, labels);
    }

    private void count(byte[] suffix, int step) {
      int count = 1;
      for (byte b : suffix) {
        count += b == '.' ? 1 : 0;
      }
      labels = labels == base.labels ? labels.clone() : labels;
      labels[Math.min(count, MAX_LABELS)] += step;
    }

    private static boolean isWildcard(String name) {
      return name.startsWith("*.");
    }
  }
}
