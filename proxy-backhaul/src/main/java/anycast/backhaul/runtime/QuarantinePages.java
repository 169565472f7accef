package anycast.backhaul.runtime;

import anycast.backhaul.runtime.QuarantineView.Entry;
import anycast.backhaul.runtime.QuarantineView.Held;
import anycast.backhaul.runtime.QuarantineView.Released;
import anycast.backhaul.runtime.QuarantineView.Shown;
import anycast.routing.admission.ContentHash;
import anycast.routing.admission.QuarantineDesk;
import anycast.routing.admission.QuarantineEntry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The admin pages about what is kept out of force, and the operator's way to let it in.
///
/// **Threading.** Admin threads; they read what the writer published and never wait for it.
public final class QuarantinePages {
  /// Hashes that are offered where one is not known.
  private static final int NEAR = 5;

  private final QuarantineDesk desk;
  private final AdmissionConfig config;
  private final InstantSource clock;

  /// @param config whose terms are told
  public QuarantinePages(QuarantineDesk desk, AdmissionConfig config, InstantSource clock) {
    this.desk = desk;
    this.config = config;
    this.clock = clock;
  }

  /// The pages by path, to serve beside others.
  public Map<String, AdminAnswer> pages() {
    return Map.of(
        "/quarantine", _ -> list(),
        "/quarantine/show", query -> show(new AdminQuery(query)),
        "POST /quarantine/release", query -> release(new AdminQuery(query)));
  }

  /// For who counts.
  public QuarantineDesk desk() {
    return desk;
  }

  /// For a status.
  public QuarantineView.Line line() {
    return QuarantineView.Line.of(desk, journaled());
  }

  private QuarantineView list() {
    return QuarantineView.of(desk, journaled(), clock.millis());
  }

  private boolean journaled() {
    return config.directory().isPresent();
  }

  private Shown show(AdminQuery query) {
    QuarantineView all = list();
    String hash = hash(query, all, true);
    String document = desk.document(ContentHash.parse(hash)).orElse(null);
    for (Entry entry : all.entries()) {
      if (entry.hash().equals(hash)) {
        return new Shown(entry, null, detail(hash), document);
      }
    }
    Held held =
        all.held().stream().filter(one -> one.hash().equals(hash)).findFirst().orElseThrow();
    return new Shown(null, held, "", document);
  }

  private String detail(String hash) {
    return desk.entries().stream()
        .filter(entry -> entry.hash().toString().equals(hash))
        .map(QuarantineEntry::detail)
        .findFirst()
        .orElse("");
  }

  private Released release(AdminQuery query) {
    QuarantineView all = list();
    String hash = hash(query, all, false);
    Entry entry =
        all.entries().stream().filter(one -> one.hash().equals(hash)).findFirst().orElseThrow();
    if (!desk.release(ContentHash.parse(hash))) {
      throw new IllegalArgumentException(
          entry.brief() + " has just left quarantine by itself; nothing was done");
    }
    return new Released(
        entry,
        List.of(
            "it is compiled, rehearsed and put in force with the next turn, unless a newer version"
                + " of the row has replaced it",
            "it is stable after "
                + length(config.limits().soak())
                + " in which all is well; if it does harm again, it is kept out again for "
                + length(config.limits().quarantine()),
            "other instances keep it out until they are told, too"));
  }

  /// The one hash that the parameter `hash` begins.
  ///
  /// @param waiting whether those that wait are meant as well
  private static String hash(AdminQuery query, QuarantineView all, boolean waiting) {
    String typed = query.text("hash").toLowerCase(Locale.ROOT);
    if (!typed.matches("[0-9a-f]{1,32}")) {
      throw new IllegalArgumentException(
          "hash wants 1 to 32 hexadecimal digits, the beginning of an entry's hash");
    }
    List<String> kept = all.entries().stream().map(Entry::hash).toList();
    List<String> held = all.held().stream().map(Held::hash).toList();
    List<String> known = new ArrayList<>(kept);
    if (waiting) {
      known.addAll(held);
    }
    List<String> meant = known.stream().filter(hash -> hash.startsWith(typed)).distinct().toList();
    if (meant.size() == 1) {
      return meant.getFirst();
    }
    if (meant.size() > 1) {
      throw new IllegalArgumentException(
          meant.size() + " entries begin with " + typed + ": " + told(meant.stream(), all));
    }
    if (held.stream().anyMatch(hash -> hash.startsWith(typed))) {
      throw new IllegalArgumentException(
          typed + " is not in quarantine: it waits, and its turn comes by itself");
    }
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          "no entry begins with "
              + typed
              + ": there is none here; proxyctl quarantine list --fleet tells who keeps out what");
    }
    Stream<String> near =
        known.stream()
            .sorted(Comparator.comparingInt((String hash) -> -QuarantineView.alike(hash, typed)));
    throw new IllegalArgumentException(
        "no entry begins with " + typed + "; there are " + told(near, all));
  }

  private static String told(Stream<String> hashes, QuarantineView all) {
    return hashes.limit(NEAR).map(hash -> named(hash, all)).collect(Collectors.joining(", "));
  }

  private static String named(String hash, QuarantineView all) {
    for (Entry entry : all.entries()) {
      if (entry.hash().equals(hash)) {
        return entry.brief() + " (" + entry.table() + " " + LogText.escape(entry.key()) + ")";
      }
    }
    for (Held held : all.held()) {
      if (held.hash().equals(hash)) {
        return held.brief() + " (" + held.table() + " " + LogText.escape(held.key()) + ", waits)";
      }
    }
    return hash;
  }

  /// The largest unit that is whole.
  private static String length(Duration length) {
    if (length.toSeconds() * 1000 != length.toMillis()) {
      return length.toMillis() + " ms";
    }
    if (length.toHours() > 0 && length.toMinutes() % 60 == 0) {
      return length.toHours() + " h";
    }
    return length.toSeconds() + " s";
  }
}
