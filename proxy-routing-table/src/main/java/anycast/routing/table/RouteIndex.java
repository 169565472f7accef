package anycast.routing.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import anycast.routing.model.Hostname;
import java.util.function.Consumer;

/// Host name → slot of its app: the exact name, else the longest wildcard.
///
/// **Threading.** Immutable; lookups do not allocate.
final class RouteIndex {
  static final RouteIndex EMPTY = new RouteIndex(HostMap.empty(HostRecord.LAYOUT));

  final HostMap<byte[]> names;

  private RouteIndex(HostMap<byte[]> names) {
    this.names = names;
  }

  /// @return -1 where no name covers the host
  int slot(byte[] host, int start, int length) {
    byte[] entry = names.exact(host, start, length);
    if (entry == null) {
      entry = names.wildcard(host, start, length);
    }
    return entry == null ? -1 : HostRecord.slot(entry);
  }

  /// Whether a name covers the host that is as long as a wildcard of `suffix` bytes behind its star
  /// or longer; the exact one is the longest of all.
  boolean coversBetter(byte[] host, int start, int length, int suffix) {
    if (names.exact(host, start, length) != null) {
      return true;
    }
    byte[] entry = names.wildcard(host, start, length);
    return entry != null && HostRecord.nameBytes(entry) > suffix;
  }

  /// The row of this very name, star included; or null.
  Hostname row(String name, Slots<AppRoute> apps) {
    byte[] host = names.entry(name);
    return host == null ? null : hostname(HostMap.isWildcard(name) ? "*." : "", host, apps);
  }

  int size() {
    return names.size();
  }

  void each(Slots<AppRoute> apps, Consumer<Hostname> each) {
    names.exact.each(host -> each.accept(hostname("", host, apps)));
    names.wildcards.each(host -> each.accept(hostname("*.", host, apps)));
  }

  static Hostname hostname(String prefix, byte[] host, Slots<AppRoute> apps) {
    String name = prefix + new String(HostRecord.name(host), UTF_8);
    return new Hostname(name, apps.at(HostRecord.slot(host)).id(), HostRecord.generation(host));
  }

  Edit edit() {
    return new Edit(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final RouteIndex base;
    private final HostMap.Edit<byte[]> names;

    private Edit(RouteIndex base) {
      this.base = base;
      this.names = base.names.edit();
    }

    /// What is known under a hostname as its owner writes it, star included; or null.
    byte[] find(String name) {
      return names.find(name);
    }

    void put(String name, int slot, long generation) {
      String bare = HostMap.isWildcard(name) ? name.substring(2) : name;
      names.put(name, HostRecord.of(bare.getBytes(UTF_8), slot, generation));
    }

    void remove(String name, byte[] host) {
      names.remove(name, host);
    }

    RouteIndex freeze() {
      HostMap<byte[]> next = names.freeze();
      return next == base.names ? base : new RouteIndex(next);
    }
  }
}
