package anycast.ctl;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Table;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsVersions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The ledger of NATS JetStream: the bucket of the rows, and one of versions beside it.
///
/// The deciding write is that of the row, conditional on the revision of its entry, which grows
/// with removals too. The version follows it; where a writer ends in between, the next one keeps
/// what it finds before it overwrites it. Several steps are several writes.
final class BucketLedger implements Ledger {
  private final BucketState place;
  private final NatsVersions versions;

  BucketLedger(NatsConfig config) throws IOException, InterruptedException {
    this.place = new BucketState(config, PlaceOptions.CONNECT_TIMEOUT);
    this.versions = place.versions();
  }

  @Override
  public StatePlace place() {
    return place;
  }

  @Override
  public Head head(String name) throws IOException, InterruptedException {
    NatsVersions.Held held = versions.find(Table.VIRTUAL_SERVICES, name);
    long last = 0;
    for (Version version : versions(name)) {
      last = Math.max(last, version.generation());
    }
    return switch (held.cells()) {
      case null -> new Head(name, 0, Optional.empty(), last, held.revision());
      case Cells.Values(List<Object> row)
          when row.size() >= 3
              && row.get(1) instanceof String document
              && row.get(2) instanceof Long generation ->
          new Head(name, generation, Optional.of(document), last, held.revision());
      case Cells.Values _, Cells.Unreadable _ ->
          // it is there and says nothing: whatever is written now replaces it
          new Head(name, 0, Optional.of(""), last, held.revision());
    };
  }

  @Override
  public List<Version> versions(String name) throws IOException, InterruptedException {
    List<Version> found = new ArrayList<>();
    for (List<Object> row : versions.read(name)) {
      if (row.size() >= 6
          && row.get(1) instanceof Long generation
          && row.get(4) instanceof Long atMillis) {
        found.add(
            new Version(
                name,
                generation,
                String.valueOf(row.get(2)),
                String.valueOf(row.get(3)),
                atMillis,
                String.valueOf(row.get(5))));
      }
    }
    found.sort(Comparator.comparingLong(Version::generation).reversed());
    return found;
  }

  @Override
  public Written write(List<Step> steps) throws IOException, InterruptedException {
    int done = 0;
    for (Step step : steps) {
      if (!write(step)) {
        return new Written.Lost(step.to().name(), done);
      }
      done++;
    }
    return new Written.Took();
  }

  private boolean write(Step step) throws IOException, InterruptedException {
    Head from = step.from();
    Version to = step.to();
    if (from.rowGeneration() > 0) {
      versions.keep(
          cells(new Version(to.name(), from.rowGeneration(), from.document().get(), "", 0, "")));
    }
    boolean took =
        to.isDeletion()
            ? versions.remove(Table.VIRTUAL_SERVICES, to.name(), from.revision())
            : versions.put(
                Table.VIRTUAL_SERVICES,
                List.of(to.name(), to.document(), to.generation()),
                from.revision());
    if (took) {
      versions.keep(cells(to));
      versions.forget(to.name(), to.generation() - KEPT);
    }
    return took;
  }

  private static List<Object> cells(Version version) {
    return List.of(
        version.name(),
        version.generation(),
        version.document(),
        version.author(),
        version.atMillis(),
        version.note());
  }

  @Override
  public void write(Table table, List<StateRow> rows, List<StateRow> gone)
      throws IOException, InterruptedException {
    place.write(table, List.of(), gone);
    place.write(table, rows, List.of());
  }

  @Override
  public void close() {
    place.close();
  }
}
