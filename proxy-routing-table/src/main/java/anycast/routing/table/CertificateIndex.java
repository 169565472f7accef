package anycast.routing.table;

import anycast.routing.model.Certificate;
import java.util.function.Consumer;

/// Certificates by the name that SNI asks for: exact, else the wildcard one label up (RFC 9525
/// §6.3: a `*` stands for exactly one label).
///
/// **Threading.** Immutable; [#find] does not allocate.
final class CertificateIndex {
  static final CertificateIndex EMPTY = new CertificateIndex(Named.map(), Named.map());

  final ShardMap<Named<Certificate>> exact;
  final ShardMap<Named<Certificate>> wildcards;

  private CertificateIndex(
      ShardMap<Named<Certificate>> exact, ShardMap<Named<Certificate>> wildcards) {
    this.exact = exact;
    this.wildcards = wildcards;
  }

  Certificate find(String host) {
    Named<Certificate> entry = exact.find(host, 0);
    int dot = host.indexOf('.');
    if (entry == null && dot > 0 && wildcards.size() > 0) {
      entry = wildcards.find(host, dot + 1);
    }
    return entry == null ? null : entry.value;
  }

  /// The row of this very name, star included; or null.
  Certificate row(String name) {
    boolean star = name.startsWith("*.");
    Named<Certificate> entry = star ? wildcards.find(name, 2) : exact.find(name, 0);
    return entry == null ? null : entry.value;
  }

  void each(Consumer<? super Certificate> each) {
    exact.each(entry -> each.accept(entry.value));
    wildcards.each(entry -> each.accept(entry.value));
  }

  int size() {
    return exact.size() + wildcards.size();
  }

  Edit edit() {
    return new Edit(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final ShardMap.Edit<Named<Certificate>> exact;
    private final ShardMap.Edit<Named<Certificate>> wildcards;

    private Edit(CertificateIndex base) {
      this.exact = base.exact.edit();
      this.wildcards = base.wildcards.edit();
    }

    /// @return whether it differs from what was known
    boolean put(Certificate certificate) {
      Named<Certificate> entry = new Named<>(bare(certificate.name()), certificate);
      Named<Certificate> known = side(certificate.name()).find(entry.name);
      if (known != null && known.value.equals(certificate)) {
        return false;
      }
      side(certificate.name()).put(entry);
      return true;
    }

    /// @return whether it was known
    boolean remove(String name) {
      Named<Certificate> known = side(name).find(bare(name));
      if (known == null) {
        return false;
      }
      side(name).remove(known);
      return true;
    }

    CertificateIndex freeze() {
      return new CertificateIndex(exact.freeze(), wildcards.freeze());
    }

    private ShardMap.Edit<Named<Certificate>> side(String name) {
      return name.startsWith("*.") ? wildcards : exact;
    }

    private static String bare(String name) {
      return name.startsWith("*.") ? name.substring(2) : name;
    }
  }
}
