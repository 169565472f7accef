package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What is wrong with feeds, and was.
///
/// A source's tables are lost and come back together and for one reason: what happened to several
/// of them is told once.
final class FeedTroubles {
  /// What happened within it, for one reason, is one event: it covers the longest wait between two
  /// attempts twice.
  private static final long ONE_EVENT_MILLIS = 10_000;

  private static final int MOST_EVENTS = 12;

  /// Names of subscriptions differ by table and say nothing to a person.
  private static final Pattern UUID =
      Pattern.compile("\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b");

  private FeedTroubles() {}

  /// Some of a source's tables, and what became of them.
  private record Event(long ageMillis, String source, String what, List<String> tables) {}

  static void show(JsonNode feeds, PrintWriter out) {
    Map<String, Integer> sizes = new HashMap<>();
    feeds.forEach(feed -> sizes.merge(feed.path("source").asText(), 1, Integer::sum));
    lost(feeds)
        .forEach(
            event -> out.printf("lost: %s: %s%n", which(event, sizes), Printable.of(event.what())));
    retained(feeds, out);
    List<Event> anew = anew(feeds);
    if (!anew.isEmpty()) {
      out.println("snapshots taken anew:");
      anew.stream()
          .limit(MOST_EVENTS)
          .forEach(event ->
              out.printf(
                  "  %s ago, %s: %s%n",
                  Durations.show(Duration.ofMillis(event.ageMillis())),
                  which(event, sizes),
                  Printable.of(event.what())));
      if (anew.size() > MOST_EVENTS) {
        out.printf("  and %d older%n", anew.size() - MOST_EVENTS);
      }
    }
  }

  /// `fra/apps`, `fra/apps,nodes`, or `all 9 tables of fra`.
  private static String which(Event event, Map<String, Integer> sizes) {
    int count = event.tables().size();
    return Printable.of(
        count > 1 && count == sizes.get(event.source())
            ? "all " + count + " tables of " + event.source()
            : event.source() + "/" + String.join(",", event.tables()));
  }

  private static List<Event> lost(JsonNode feeds) {
    List<Event> all = new ArrayList<>();
    for (JsonNode feed : feeds) {
      String why = feed.path("last_loss").asText();
      if (!feed.path("connected").asBoolean() && !why.isEmpty()) {
        join(all, feed, 0, why);
      }
    }
    return all;
  }

  /// Newest first.
  private static List<Event> anew(JsonNode feeds) {
    record Reason(long ageMillis, JsonNode feed, String why) {}
    List<Reason> reasons = new ArrayList<>();
    for (JsonNode feed : feeds) {
      for (JsonNode reason : feed.path("reasons")) {
        reasons.add(
            new Reason(reason.path("age_ms").asLong(), feed, reason.path("reason").asText()));
      }
    }
    reasons.sort(Comparator.comparingLong(Reason::ageMillis));
    List<Event> all = new ArrayList<>();
    reasons.forEach(reason -> join(all, reason.feed(), reason.ageMillis(), reason.why()));
    return all;
  }

  /// Adds a table to the event that it was part of, or an event.
  private static void join(List<Event> all, JsonNode feed, long ageMillis, String why) {
    String source = feed.path("source").asText();
    String table = feed.path("table").asText();
    String what = UUID.matcher(why).replaceAll("?");
    for (Event event : all) {
      if (event.source().equals(source)
          && event.what().equals(what)
          && ageMillis - event.ageMillis() <= ONE_EVENT_MILLIS
          && !event.tables().contains(table)) {
        event.tables().add(table);
        return;
      }
    }
    all.add(new Event(ageMillis, source, what, new ArrayList<>(List.of(table))));
  }

  private static void retained(JsonNode feeds, PrintWriter out) {
    List<JsonNode> rows = new ArrayList<>();
    feeds.forEach(feed -> {
      if (feed.path("retained").isObject()) {
        rows.add(feed);
      }
    });
    if (rows.isEmpty()) {
      return;
    }
    out.println("retained: rows in force that their source has not confirmed:");
    new Columns()
        .text("SOURCE", "source")
        .text("TABLE", "table")
        .madeNumber("ROWS", feed -> feed.path("retained").path("rows").asText())
        .madeNumber("FOR", feed -> Columns.age(feed.path("retained").path("age_ms")))
        .madeNumber("GO IN", FeedTroubles::goIn)
        .made("WHY", FeedTroubles::why)
        .print(out, "  ", "rows", rows);
    if (rows.stream().anyMatch(feed -> feed.path("retained").path("goes_in_ms").isNumber())) {
      out.println("  to keep them, put them back into the source before that;");
      out.println("  to let them go at once: proxyctl accept TABLE --source SOURCE");
    }
  }

  /// They go with the first snapshot after that which lacks them too.
  private static String goIn(JsonNode feed) {
    return Columns.age(feed.path("retained").path("goes_in_ms"));
  }

  private static String why(JsonNode feed) {
    JsonNode retained = feed.path("retained");
    return retained.path("why").asText()
        + (retained.path("goes_in_ms").isNumber() ? "" : "; the feed's first snapshot decides");
  }
}
