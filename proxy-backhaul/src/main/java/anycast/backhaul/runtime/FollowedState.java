package anycast.backhaul.runtime;

import anycast.backhaul.runtime.StateConfig.LastGoodPlace;
import anycast.routing.admission.Admission;
import anycast.routing.admission.ContentHash;
import anycast.routing.admission.Ledger;
import anycast.routing.admission.MemoryDisk;
import anycast.routing.admission.PatientDisk;
import anycast.routing.admission.Rejects;
import anycast.routing.admission.RuleFaults;
import anycast.routing.admission.Surroundings;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.LoadChannel;
import anycast.routing.feed.LoadLines;
import anycast.routing.feed.Moment;
import anycast.routing.feed.StatePublisher;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.Disk;
import anycast.routing.feed.lastgood.LastGood;
import anycast.routing.feed.lastgood.LastGoodKeeper;
import anycast.routing.feed.lastgood.LastGoodStatus;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.table.SnapshotShelf;
import anycast.routing.time.Ticker;
import anycast.routing.virtual.Origin;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process' view of the world, assembled: sources, follower, table, and the copy on disk.
///
/// ```
///   sources ──► FeedFollower ──► RoutingTable ──► readers
///                   ▲ preload         │ every minute
///                   └──── last-good ◄─┘
/// ```
///
/// **Threading.** One thread opens, starts and closes it; the rest is for any. **Faults.** A
/// last-good directory that another process has is refused; anything else wrong with it costs the
/// copy, not the start.
public final class FollowedState implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedState.class);

  private final StateConfig config;
  private final InstantSource clock;
  private final Ticker ticker;
  private final RoutingTable table;
  private final Ledger ledger;
  private final Admission admission;
  private final FeedFollower follower;
  private final SnapshotShelf shelf = new SnapshotShelf();
  private final Optional<LastGoodKeeper> keeper;
  private final boolean beganWithLastGood;

  /// What was opened, last one first.
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /// Directories that this process alone has.
  private record Disks(Optional<DirectoryDisk> lastGood, Optional<DirectoryDisk> admission)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try (DirectoryDisk one = lastGood.orElse(null);
          DirectoryDisk other = admission.orElse(null)) {
        LOG.debug("gives {} and {} back", one, other);
      }
    }
  }

  /// The process that it is in.
  ///
  /// @param own rows of the process' own, under names of `Reserved`: in force before all others,
  ///   and no state
  /// @param published told the version of each snapshot that comes into force, on the writer's
  ///   thread
  public record Setting(Surroundings around, List<? extends Entity> own, LongConsumer published) {
    /// Nobody is around, and nothing is its own.
    public static final Setting NONE = new Setting(Surroundings.NONE, List.of(), _ -> {});
  }

  private FollowedState(
      StateConfig config,
      Locality self,
      Disks disks,
      Ticker ticker,
      InstantSource clock,
      Setting setting) {
    this.config = config;
    this.clock = clock;
    this.ticker = ticker;
    opened.push(disks);
    SnapshotBuilder builder = new SnapshotBuilder(self, FollowedState::origin);
    table = new RoutingTable(builder.first(setting.own()));
    StateLinks links = StateLinks.of(config.sources(), ticker);
    links.peers().ifPresent(opened::push);
    ledger =
        Ledger.open(
            disks.admission().map(this::patient).orElseGet(MemoryDisk::new),
            setting.around().lastEnd(),
            config.admission().limits(),
            self.node(),
            new Moment(ticker.nanos(), clock.millis()));
    admission =
        new Admission(
            new Admission.World(table, builder, shelf(setting), ticker, clock),
            ledger,
            config.admission().limits(),
            setting.around(),
            this::onWaiting);
    opened.push(admission);
    follower =
        new FeedFollower(
            admission,
            each -> table.current().eachEntity(each),
            links.sources(),
            config.limits(),
            new FeedFollower.Outside(
                ticker,
                clock,
                new SplittableRandom(),
                self.node(),
                links.peers().orElse(null),
                (_, _) -> {}));
    opened.push(follower);
    keeper = disks.lastGood().map(held -> keeper(held, config.lastGood().orElseThrow()));
    keeper.ifPresent(opened::push);
    beganWithLastGood = keeper.isPresent() && preload(keeper.get());
  }

  /// Puts what is on disk in force; nothing is followed yet.
  ///
  /// @throws IOException in a sentence where another process has the last-good directory
  public static FollowedState open(
      StateConfig config, Locality self, Ticker ticker, InstantSource clock) throws IOException {
    return open(config, self, ticker, clock, Setting.NONE);
  }

  /// The same, in a process that watches itself.
  ///
  /// @throws IOException in a sentence where another process has the last-good directory, or that
  ///   of admission
  public static FollowedState open(
      StateConfig config, Locality self, Ticker ticker, InstantSource clock, Setting setting)
      throws IOException {
    Optional<DirectoryDisk> lastGood = Optional.empty();
    if (config.lastGood().isPresent()) {
      lastGood = Optional.of(DirectoryDisk.open(config.lastGood().get().directory()));
    }
    Optional<DirectoryDisk> journal = Optional.empty();
    if (config.admission().directory().isPresent()) {
      try {
        journal = Optional.of(DirectoryDisk.open(config.admission().directory().get()));
      } catch (IOException e) {
        lastGood.ifPresent(FollowedState::giveBack);
        throw e;
      }
    }
    return new FollowedState(config, self, new Disks(lastGood, journal), ticker, clock, setting);
  }

  /// The journal is the writer's, and the writer waits for no device.
  private Disk patient(DirectoryDisk disk) {
    PatientDisk patient = new PatientDisk(disk, PatientDisk.USUAL);
    opened.push(patient);
    return patient;
  }

  private static void giveBack(AutoCloseable held) {
    try {
      held.close();
    } catch (Exception e) {
      LOG.warn("{} did not close", held.getClass().getSimpleName(), e);
    }
  }

  /// The writer waits for the compiler: a bounded wait is no stall.
  private void onWaiting() {
    FeedFollower writing = follower;
    if (writing != null) {
      writing.progress().beat();
    }
  }

  private ObjLongConsumer<RoutingSnapshot> shelf(Setting setting) {
    return (snapshot, millis) -> {
      setting.published().accept(snapshot.version());
      shelf.offer(snapshot, millis);
    };
  }

  /// What flight files name a virtual service by.
  private static Origin origin(VirtualService virtual) {
    ContentHash hash = ContentHash.of(virtual);
    return new Origin(hash.high(), hash.low());
  }

  private LastGoodKeeper keeper(DirectoryDisk disk, LastGoodPlace place) {
    return new LastGoodKeeper(
        disk,
        admission.documents(),
        table,
        new LastGoodKeeper.Served() {
          @Override
          public boolean complete() {
            // Else what is on trial would be missing on disk for as long as a minute after it. And
            // what is saved counts as proven where the ledger does not know it by name.
            return follower.status().complete()
                && !admission.desk().isTrying()
                && ledger.view().bulk() == 0;
          }

          @Override
          public long ageMillis() {
            return FollowedState.this.ageMillis();
          }
        },
        clock,
        place.every());
  }

  private boolean preload(LastGoodKeeper from) {
    return switch (from.load()) {
      case LastGood.Loaded loaded -> {
        admission.preload(() -> follower.preload(loaded.entities(), loaded.asOfMillis()));
        yield true;
      }
      case LastGood.None() -> false;
      case LastGood.Damaged(List<String> reasons) -> {
        LOG.warn("no last good table can be used, {} problems", reasons.size());
        yield false;
      }
    };
  }

  /// Follows the sources from here on.
  public void start() {
    follower.start();
    keeper.ifPresent(LastGoodKeeper::start);
  }

  public RoutingTable table() {
    return table;
  }

  public FeedFollower follower() {
    return follower;
  }

  /// What an operator asks about it.
  public FeedPages pages() {
    return new FeedPages(
        follower,
        table,
        shelf,
        clock,
        this::lastGood,
        new QuarantinePages(admission.desk(), config.admission(), clock));
  }

  /// Where event loops say which rules they stumbled over.
  public RuleFaults ruleFaults() {
    return admission.faults();
  }

  /// Empty where no directory is configured.
  public Optional<LastGoodStatus> lastGood() {
    return keeper.map(LastGoodKeeper::status);
  }

  /// Whether there was something to serve before any source spoke.
  public boolean beganWithLastGood() {
    return beganWithLastGood;
  }

  /// Waits until there is something to serve.
  ///
  /// @return false where `timeout` passed first
  public boolean awaitServable(Duration timeout) throws InterruptedException {
    return follower.awaitLoaded(timeout);
  }

  /// How old what is known is; what the beats tell others.
  public long ageMillis() {
    return follower.age().toMillis();
  }

  /// What this process tells of itself; not started. Closed with the rest.
  ///
  /// @param node with the address that edges connect to; none on an edge
  /// @param instances all that this process owns
  public StatePublisher publisher(Node node, List<Instance> instances) {
    StatePublisher rows =
        StateLinks.publisher(
            config.sources(), new StateLinks.Told(node, instances, this::ageMillis), clock);
    rows.rejects(() -> Rejects.rows(node.id(), admission.desk().entries()));
    opened.push(rows);
    return rows;
  }

  /// Where a worker tells all edges how busy its instances are; empty where state has no such
  /// channel and the links are all there is. The caller closes it.
  public Optional<LoadChannel> tellsLoads(NodeId self) {
    return StateLinks.loads(config.sources(), self, Optional.empty(), ticker);
  }

  /// Hears from now on what workers tell, and gives it to the loads of the table.
  public void hearLoads(NodeId self) {
    LoadChannel.Listener listener =
        (from, lines) ->
            LoadLines.apply(table.current(), from, lines, 0, lines.length, ticker.nanos());
    StateLinks.loads(config.sources(), self, Optional.of(listener), ticker).ifPresent(opened::push);
  }

  /// Where state comes from, in words.
  public String told() {
    return config.told();
  }

  /// Saves what changed and ends everything.
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable last = opened.pop();
      giveBack(last);
    }
  }
}
