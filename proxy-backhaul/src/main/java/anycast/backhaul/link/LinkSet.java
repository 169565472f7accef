package anycast.backhaul.link;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;
import anycast.routing.pick.Candidate;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One event loop's links to one peer: dials when asked for a stream, lets requests wait for the
/// dial, and leaves a peer alone for a moment after a dial that failed.
///
/// Two kinds of requests wait. Who can go elsewhere is told as soon as the dial fails or is slow,
/// and until it is over who comes is told at once. Who has nobody else to ask is *patient*: it
/// waits for this dial and the next ones until its time is over. A slow dial goes on: the kernel
/// answers for a worker that is being started anew, and the worker finds it in its queue.
///
/// **Threading.** One event loop. **Limits.** Links and waiting requests by [Shape]; the wait by
/// the dial's limit, and the patient one's own. **Faults.** Nothing was sent of what waits: each is
/// safe to retry.
public final class LinkSet {
  /// A link that lasted shorter was as good as a failed dial: a peer that takes connections and
  /// drops them must not be dialled by every request.
  static final long GOOD_LIFE_NANOS = 1_000_000_000L;

  /// A dial without an answer for that long, and the round trips that it has to make, is slow:
  /// between neighbours it takes some 10 ms, and a client hardly notices this.
  static final long SLOW_NANOS = 250_000_000L;

  /// TCP, TLS 1.3 and SETTINGS, and one for good measure.
  private static final int DIAL_ROUND_TRIPS = 4;

  /// The other side of the earth is nearer.
  private static final long LONGEST_TRIP_NANOS = 400_000_000L;

  /// Between two looks at those who wait. Waiting is counted in looks: one that comes late, because
  /// this loop was busy elsewhere, says nothing of the peer, whose answer may lie in the socket.
  static final long LOOK_NANOS = 50_000_000L;

  /// A peer that is away is looked for that long after somebody asked for it.
  private static final long WANTED_NANOS = 60_000_000_000L;

  /// How long a silence is remembered: twice the longest way from one dial to the next.
  private static final long SILENCE_MEMORY_NANOS = 10_000_000_000L;

  private static final Logger LOG = LoggerFactory.getLogger(LinkSet.class);

  /// How large a set may be, and how shy.
  ///
  /// @param links connections at most
  /// @param waiting requests that wait for a dial at most
  /// @param backoff whether a failed dial keeps later ones away for a moment
  /// @param pings whether peers are asked for a sign of life
  /// @param once whether a link takes no more streams than those that waited for it
  public record Shape(int links, int waiting, boolean backoff, boolean pings, boolean once) {
    /// Whose links are used as long as they stand.
    public Shape(int links, int waiting, boolean backoff, boolean pings) {
      this(links, waiting, backoff, pings, false);
    }

    /// A second link only when the first has no stream left; 1024 waiting heads are 2 MiB.
    public static final Shape BACKHAUL = new Shape(2, 1024, true, true);
  }

  private final String peer;
  private final EventLoop loop;
  private final Dialler dialler;
  private final LinkFaults faults;
  private final Shape shape;
  private final Ticker ticker;

  private final List<Link> links = new ArrayList<>();
  private final LinkLine waiting = new LinkLine();
  private final Backoff backoff = new Backoff();
  private Link dialling;
  private boolean draining;

  private boolean looking;

  /// From a dial to where it is slow.
  private long slowNanos;

  /// How long somebody has waited for the dial.
  private long waitedNanos;

  private boolean slowTold;

  /// The last dial was slow and failed, then.
  private boolean silent;

  private long silentNanos;

  private long wantedNanos;

  /// @param peer who it is, for the log
  public LinkSet(
      String peer, EventLoop loop, Dialler dialler, LinkFaults faults, Shape shape, Ticker ticker) {
    this.peer = peer;
    this.loop = loop;
    this.dialler = dialler;
    this.faults = faults;
    this.shape = shape;
    this.ticker = ticker;
  }

  /// Opens a stream, now or when a link stands.
  ///
  /// @param head belongs to the set
  public Upstream open(RequestHead head, boolean end, UpstreamEvents events) {
    return open(head, end, null, 0, events);
  }

  /// As the other one.
  ///
  /// @param candidate whose load the answer tells of; null where answers tell of none
  /// @param patienceNanos as [anycast.backhaul.exchange.Attempt]'s
  Upstream open(
      RequestHead head,
      boolean end,
      Candidate candidate,
      long patienceNanos,
      UpstreamEvents events) {
    LinkUpstream upstream = new LinkUpstream(this, head, end, candidate, events);
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      if (link.canOpen()) {
        upstream.start(link);
        return upstream;
      }
    }
    long nowNanos = ticker.nanos();
    wantedNanos = nowNanos;
    Fault refused = refused(patienceNanos > 0, nowNanos);
    if (refused != null) {
      upstream.fail(refused);
      return upstream;
    }
    if (patienceNanos > 0) {
      upstream.bePatient(patienceNanos);
    }
    waiting.add(upstream);
    look();
    return upstream;
  }

  /// Why a request does not wait for a link; null where it does, or where it waits for the next
  /// dial. Dials where that is due.
  private Fault refused(boolean patient, long nowNanos) {
    if (dialling == null && mayDial()) {
      dial();
    }
    if (dialling == null && (draining || isFull() || !patient)) {
      return noWay();
    }
    if (isSlow(nowNanos) && !patient) {
      return wasSilent(nowNanos) ? faults.unreachable(null) : faults.slow();
    }
    return waiting.size() >= shape.waiting() ? faults.noStream(false) : null;
  }

  private void look() {
    if (!looking && shape.backoff()) {
      looking = true;
      loop.schedule(this::onLook, LOOK_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  /// After a moment with somebody waiting.
  private void onLook() {
    looking = false;
    waitedNanos += LOOK_NANOS;
    if (isSlow(ticker.nanos())) {
      if (!slowTold) {
        slowTold = true;
        faults.dialSlow();
        LOG.info("link to {} is slow to come: requests go elsewhere", peer);
      }
      waiting.fail(each -> !each.isPatient(), faults::slow);
    }
    waiting.fail(
        each -> each.tires(LOOK_NANOS),
        () -> faults.unreachable(new ConnectException("no link in time")));
    if (!waiting.isEmpty()) {
      if (dialling == null && mayDial()) {
        dial();
      }
      look();
    }
  }

  /// Has one of the links that stand hear of the peer's loads.
  ///
  /// @return false where none stands, or has no room
  boolean hear(HeardLoads events) {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).hear(events)) {
        return true;
      }
    }
    return false;
  }

  /// No new links; those open end when their streams have.
  public void drain() {
    draining = true;
    List.copyOf(links).forEach(Link::drain);
    if (dialling != null) {
      dialling.drain();
    } else {
      waiting.fail(_ -> true, () -> faults.unreachable(null));
    }
  }

  /// Called about once a second: looks after every link's life.
  public void onTick(long nowNanos) {
    if (shape.pings()) {
      for (int i = links.size() - 1; i >= 0; i--) {
        links.get(i).onTick(nowNanos);
      }
    }
    // Its requests go elsewhere: somebody has to see that it is back.
    boolean away = dialling == null && links.isEmpty() && backoff.failures() > 0;
    if (shape.backoff() && away && nowNanos - wantedNanos < WANTED_NANOS && mayDial()) {
      dial();
    }
  }

  /// Whether nothing is open or under way.
  public boolean isIdle() {
    return links.isEmpty() && dialling == null;
  }

  /// Whether no stream is open or waits.
  public boolean isUnused() {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).streams() > 0) {
        return false;
      }
    }
    return waiting.isEmpty();
  }

  void each(Consumer<Link> each) {
    links.forEach(each);
    if (dialling != null) {
      each.accept(dialling);
    }
  }

  EventLoop loop() {
    return loop;
  }

  long nowNanos() {
    return ticker.nanos();
  }

  LinkFaults faults() {
    return faults;
  }

  void forget(LinkUpstream upstream) {
    waiting.remove(upstream);
  }

  private int open() {
    int open = 0;
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).state() == Link.State.OPEN) {
        open++;
      }
    }
    return open;
  }

  /// Why no link takes a stream and none is dialled.
  private Fault noWay() {
    if (anySilent()) {
      return faults.unreachable(new ConnectException("no answer to PING"));
    }
    return isFull() && !draining ? faults.noStream(false) : faults.unreachable(null);
  }

  /// Its links answer, and it may have no more.
  private boolean isFull() {
    return open() >= shape.links() && !anySilent();
  }

  private boolean anySilent() {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).isSilent()) {
        return true;
      }
    }
    return false;
  }

  /// Whether whoever waits for a link waits in vain, most likely, while another node could be at
  /// work.
  private boolean isSlow(long nowNanos) {
    boolean slow = dialling != null && waitedNanos >= slowNanos;
    return shape.backoff() && (slow || wasSilent(nowNanos));
  }

  private boolean wasSilent(long nowNanos) {
    return silent && nowNanos - silentNanos < SILENCE_MEMORY_NANOS;
  }

  private boolean mayDial() {
    boolean calm = !shape.backoff() || backoff.over(ticker.nanos());
    return !draining && calm && open() < shape.links();
  }

  private void dial() {
    long tripNanos = Math.min(faults.roundTripNanos(), LONGEST_TRIP_NANOS);
    slowNanos = SLOW_NANOS + DIAL_ROUND_TRIPS * tripNanos;
    slowTold = false;
    waitedNanos = 0;
    dialling = new Link(this);
    dialling.dial(dialler);
  }

  void onReady(Link link) {
    dialling = null;
    silent = false;
    links.add(link);
    faults.opened();
    long tookMillis = TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - link.dialledNanos());
    if (slowTold || backoff.failures() > 0) {
      LOG.info("link to {} open in {} ms, {} failed", peer, tookMillis, backoff.failures());
    } else {
      LOG.debug("link to {} open in {} ms", peer, tookMillis);
    }
    waiting.start(link);
    if (shape.once()) {
      link.drain();
    }
    if (!waiting.isEmpty()) {
      if (mayDial()) {
        dial();
      } else {
        waiting.fail(_ -> true, () -> faults.noStream(false));
      }
    }
  }

  void onDialFailed(Link link, Throwable cause) {
    if (link != dialling) {
      return;
    }
    dialling = null;
    faults.dialFailed();
    silentNanos = ticker.nanos();
    silent = waitedNanos >= slowNanos;
    backoff.onFailure(silentNanos, ThreadLocalRandom.current().nextLong());
    int failures = backoff.failures();
    if (Integer.bitCount(failures) == 1) {
      // 1, 2, 4, 8: a node that stays away must not fill the log.
      LOG.warn("link to {} failed, {} in a row: {}", peer, failures, LinkFaults.reason(cause));
    }
    waiting.fail(each -> draining || !each.isPatient(), () -> faults.unreachable(cause));
  }

  /// The peer drains: later requests get a new link.
  void onLeaving(Link link) {
    LOG.debug("link to {} drains", peer);
  }

  /// A link stands and does not answer: new requests go elsewhere.
  void onSilent(Link link) {
    LOG.warn("link to {} is silent: its {} streams wait", peer, link.streams());
  }

  void onHeard(Link link) {
    LOG.info("link to {} answers again", peer);
    waiting.start(link);
  }

  void onClosed(Link link, long livedNanos, Throwable cause) {
    links.remove(link);
    faults.closed(cause != null);
    if (cause != null) {
      LOG.warn("link to {} lost: {}", peer, LinkFaults.reason(cause));
    }
    if (livedNanos < GOOD_LIFE_NANOS && !draining) {
      backoff.onFailure(ticker.nanos(), ThreadLocalRandom.current().nextLong());
    } else {
      backoff.onSuccess();
    }
  }
}
