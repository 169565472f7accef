package anycast.load.state;

import anycast.demo.ChildProcess;
import anycast.demo.FleetFault;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.Entity;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The stores and the parts, each in a process of its own.
///
/// **Threading.** The bench's main thread, which lives as long as the processes do.
final class Processes implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration PART_LIMIT = Duration.ofMinutes(20);
  private static final Duration END_LIMIT = Duration.ofSeconds(60);
  private static final int ROWS_A_TRANSACTION = 2_000;

  private final Path place;
  private final List<String> flags;
  private final Ticker ticker = Ticker.system();
  private final List<ChildProcess> running = new ArrayList<>();

  /// @param flags of the measured JVMs
  Processes(Path place, List<String> flags) {
    this.place = place;
    this.flags = flags;
  }

  ChildProcess startStore(String name) throws FleetFault {
    ChildProcess store =
        ChildProcess.java(
            place,
            name,
            List.of("-Xmx1g"),
            List.of(
                "anycast.routing.feed.sqlite.StateMain",
                "--listen",
                "127.0.0.1:0",
                "--database",
                place.resolve(name + ".db").toString(),
                "--ready-file",
                ChildProcess.readyFile(place, name).toString()));
    running.add(store);
    return store;
  }

  URI url(ChildProcess store) throws FleetFault {
    return URI.create(store.awaitReady(ticker, READY_LIMIT).findValue("state").asText());
  }

  /// Writes the world, unless it is there.
  ///
  /// @return seconds
  double fill(URI store, StateWorld world) throws IOException, InterruptedException {
    long begun = ticker.nanos();
    try (StateClient client = new StateClient(List.of(store), Optional.empty())) {
      long there =
          (Long)
              client
                  .query(Statement.of("SELECT COUNT(*) FROM instances WHERE id LIKE ?", "inst-%"))
                  .getFirst()
                  .getFirst();
      if (there == world.instances()) {
        return 0;
      }
      if (there > 0) {
        throw new IOException(place + " holds a world of " + there + " instances");
      }
      List<Statement> transaction = new ArrayList<>();
      world.each(entity -> write(client, transaction, entity));
      transact(client, transaction);
    }
    return (ticker.nanos() - begun) / 1e9;
  }

  private static void write(StateClient client, List<Statement> transaction, Entity entity) {
    transaction.add(Statement.put(entity, 1));
    if (transaction.size() == ROWS_A_TRANSACTION) {
      transact(client, transaction);
    }
  }

  private static void transact(StateClient client, List<Statement> transaction) {
    try {
      client.transact(transaction);
      transaction.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a store was filled", e);
    }
  }

  /// Runs a part to its end.
  ///
  /// @return what it told
  Map<String, Double> run(String name, Class<?> part, Object... arguments)
      throws FleetFault, IOException {
    List<String> command = new ArrayList<>(List.of(part.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    ChildProcess child = ChildProcess.java(place, name, flags, command);
    running.add(child);
    child.awaitEnd(ticker, ticker.nanos() + PART_LIMIT.toNanos());
    Map<String, Double> told = Told.in(child.log());
    if (!told.containsKey(Told.DONE)) {
      throw new FleetFault(name + " did not come to its end" + child.tail());
    }
    return told;
  }

  void end(ChildProcess store) {
    store.askToEnd();
    store.awaitEnd(ticker, ticker.nanos() + END_LIMIT.toNanos());
  }

  /// Removes the files of a directory.
  static void clear(Path directory) throws IOException {
    for (Path file : files(directory)) {
      Files.delete(file);
    }
  }

  static long largestBytes(Path directory) throws IOException {
    long largest = 0;
    for (Path file : files(directory)) {
      largest = Math.max(largest, Files.size(file));
    }
    return largest;
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  /// Kills what is left.
  @Override
  public void close() {
    running.forEach(child -> child.awaitEnd(ticker, ticker.nanos()));
  }
}
