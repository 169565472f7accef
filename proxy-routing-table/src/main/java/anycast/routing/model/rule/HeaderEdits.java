package anycast.routing.model.rule;

import java.util.List;
import java.util.Set;

/// Edits of a head in this order: remove, set, add. Names in lower case; none of them is framing,
/// hop-by-hop or one that only proxies write ([#editable]).
public record HeaderEdits(List<String> remove, List<Field> set, List<Field> add) {
  /// Framing and hop-by-hop (RFC 9110 §7.6.1), what makes loops visible, and what says where a
  /// request came from; `x-forwarded-prefix` is a rule's to say.
  private static final Set<String> OF_PROXIES =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "forwarded",
          "host",
          "http2-settings",
          "keep-alive",
          "max-forwards",
          "proxy",
          "proxy-connection",
          "proxy-status",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-forwarded-proto",
          "x-forwarded-ssl",
          "x-mirrored-by",
          "x-real-ip");

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

  /// Whether a rule may edit fields of this name, `_` taken for `-` as some apps do.
  ///
  /// @param name in lower case
  public static boolean editable(String name) {
    String plain = name.indexOf('_') < 0 ? name : name.replace('_', '-');
    return !OF_PROXIES.contains(plain)
        && !plain.startsWith("fly-")
        && !plain.startsWith("x-anycast-");
  }
}
