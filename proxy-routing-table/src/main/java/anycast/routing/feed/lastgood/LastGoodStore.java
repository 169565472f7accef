package anycast.routing.feed.lastgood;

import anycast.routing.document.DocumentReading;
import anycast.routing.feed.lastgood.LastGood.Which;
import anycast.routing.model.Entity;
import anycast.routing.table.RoutingSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/// The last two tables that served, as files that are whole or are not used.
///
/// ```
///  save:  create N.part ─► blocks ─► sync ─► rename to N.good ─► sync directory ─► remove N-2
///  load:  newest N.good ─► verify all ─► hand out        damaged? ─► the one before it
/// ```
///
/// A crash at any of these steps leaves the generation before readable: it is removed only after
/// its successor's successor is durable.
///
/// **Threading.** One thread at a time. **Ownership.** One store a directory. **Limits.** Buffers
/// of one block while saving; while loading the entities themselves. **Faults.** Values: neither
/// method throws for what a disk does.
public final class LastGoodStore {
  private static final String WHOLE = ".good";
  private static final String PARTIAL = ".part";
  private static final String PREFIX = "table-";

  /// All that a `long` may have, so that names sort as generations do.
  private static final int GENERATION_DIGITS = 19;

  /// Generations that stay.
  private static final int KEPT = 2;

  private final Disk disk;
  private final DocumentReading documents;

  /// Found damaged by [#load]: not worth keeping.
  private final Set<Long> damaged = new HashSet<>();

  public LastGoodStore(Disk disk) {
    this(disk, DocumentReading.DIRECT);
  }

  /// @param documents reads those of virtual services
  public LastGoodStore(Disk disk, DocumentReading documents) {
    this.disk = disk;
    this.documents = documents;
  }

  /// Anything that can tell all its entities, each once.
  @FunctionalInterface
  public interface Entities {
    void each(Consumer<Entity> to);
  }

  /// Saves a snapshot as a new generation and removes those that are too old.
  ///
  /// @param asOfMillis wall clock at which a source vouched for it
  public SaveResult save(RoutingSnapshot snapshot, long asOfMillis) {
    return save(snapshot::eachEntity, snapshot.version(), asOfMillis);
  }

  /// Saves a new generation and removes those that are too old.
  ///
  /// @param version of the snapshot, to be shown
  /// @param asOfMillis wall clock at which a source vouched for it
  public SaveResult save(Entities entities, long version, long asOfMillis) {
    long generation;
    try {
      generation = generations(disk.list()).stream().max(Comparator.naturalOrder()).orElse(0L) + 1;
    } catch (IOException e) {
      return new SaveResult.NotSaved("cannot list the directory: " + DirectoryDisk.reason(e));
    }
    String partial = name(generation, PARTIAL);
    try {
      TableFileWriter written =
          write(partial, entities, new TableFile.Head(generation, version, asOfMillis));
      disk.rename(partial, name(generation, WHOLE));
      disk.syncDirectory();
      return new SaveResult.Saved(
          generation, written.entities(), written.bytes(), removeOld(generation));
    } catch (IOException | UncheckedIOException e) {
      return new SaveResult.NotSaved(without(partial, e));
    } catch (RuntimeException e) {
      without(partial, e);
      throw e;
    }
  }

  /// Reads the newest generation that is whole.
  public LastGood load() {
    List<Long> saved;
    try {
      saved = new ArrayList<>(generations(disk.list(), WHOLE));
    } catch (IOException e) {
      return new LastGood.Damaged(
          List.of("the directory cannot be listed: " + DirectoryDisk.reason(e)));
    }
    saved.sort(Comparator.reverseOrder());
    List<String> problems = new ArrayList<>();
    for (long generation : saved) {
      String name = name(generation, WHOLE);
      try {
        return loaded(generation, read(name), problems);
      } catch (TableFileReader.Damage e) {
        problems.add(name + " " + e.getMessage());
      } catch (IOException e) {
        problems.add(name + " cannot be read: " + DirectoryDisk.reason(e));
      }
      damaged.add(generation);
    }
    return problems.isEmpty() ? new LastGood.None() : new LastGood.Damaged(problems);
  }

  private static LastGood loaded(
      long generation, TableFileReader.Contents contents, List<String> problems) {
    Which which = problems.isEmpty() ? Which.NEWEST : Which.OLDER;
    for (String refused : contents.refused()) {
      problems.add(name(generation, WHOLE) + ", " + refused);
    }
    return new LastGood.Loaded(
        contents.entities(), contents.head().asOfMillis(), generation, which, problems);
  }

  private TableFileReader.Contents read(String name) throws IOException, TableFileReader.Damage {
    try (Disk.Input in = disk.open(name)) {
      return new TableFileReader(in, documents).read();
    }
  }

  private TableFileWriter write(String name, Entities entities, TableFile.Head head)
      throws IOException {
    try (Disk.Output out = disk.create(name)) {
      TableFileWriter writer = new TableFileWriter(out);
      writer.begin(head);
      entities.each(entity -> {
        try {
          writer.add(entity);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      writer.finish();
      out.sync();
      return writer;
    }
  }

  /// Takes a file back that did not come about; gives the reason for that.
  private String without(String partial, Exception cause) {
    Exception told = cause instanceof UncheckedIOException u ? u.getCause() : cause;
    try {
      disk.delete(partial);
    } catch (IOException e) {
      told.addSuppressed(e);
    }
    return DirectoryDisk.reason(told);
  }

  /// Removes all but this generation and the youngest other one that nobody found damaged.
  private List<String> removeOld(long newest) {
    List<String> names;
    try {
      names = disk.list();
    } catch (IOException e) {
      return List.of("the directory cannot be listed: " + DirectoryDisk.reason(e));
    }
    Set<Long> stay = new HashSet<>(Set.of(newest));
    generations(names, WHOLE).stream()
        .filter(generation -> generation != newest && !damaged.contains(generation))
        .sorted(Comparator.reverseOrder())
        .limit(KEPT - 1)
        .forEach(stay::add);
    List<String> leftovers = new ArrayList<>();
    for (String name : names) {
      OptionalLong generation = generation(name);
      boolean ours = generation.isPresent();
      if (ours && (name.endsWith(PARTIAL) || !stay.contains(generation.getAsLong()))) {
        try {
          disk.delete(name);
        } catch (IOException e) {
          leftovers.add(name + ": " + DirectoryDisk.reason(e));
        }
      }
    }
    return leftovers;
  }

  private static List<Long> generations(List<String> names) {
    return names.stream()
        .map(LastGoodStore::generation)
        .filter(OptionalLong::isPresent)
        .map(OptionalLong::getAsLong)
        .toList();
  }

  private static List<Long> generations(List<String> names, String ending) {
    return generations(names.stream().filter(name -> name.endsWith(ending)).toList());
  }

  private static String name(long generation, String ending) {
    return String.format(
        Locale.ROOT, "%s%0" + GENERATION_DIGITS + "d%s", PREFIX, generation, ending);
  }

  /// Empty for files that are not ours; these stay untouched.
  private static OptionalLong generation(String name) {
    int digits = name.length() - PREFIX.length() - WHOLE.length();
    if (digits != GENERATION_DIGITS
        || !name.startsWith(PREFIX)
        || !name.endsWith(WHOLE) && !name.endsWith(PARTIAL)) {
      return OptionalLong.empty();
    }
    String number = name.substring(PREFIX.length(), PREFIX.length() + digits);
    try {
      long generation = Long.parseLong(number);
      return generation < 0 || generation == Long.MAX_VALUE
          ? OptionalLong.empty()
          : OptionalLong.of(generation);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
