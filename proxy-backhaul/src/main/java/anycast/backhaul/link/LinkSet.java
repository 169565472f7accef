package anycast.backhaul.link;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;
import anycast.routing.pick.Candidate;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.net.ConnectException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One event loop's links to one peer: dials when asked for a stream, lets requests wait for the
/// dial, and leaves a peer alone for a moment after a dial that failed.
///
/// **Threading.** One event loop. **Limits.** Links and waiting requests by [Shape]; the wait by
/// the dial's limit. **Faults.** Who waits for a dial that fails is told so, safe to retry; who
/// comes just after it is told at once and does not wait.
public final class LinkSet {
  /// A link that lasted shorter was as good as a failed dial: a peer that takes connections and
  /// drops them must not be dialled by every request.
  private static final long GOOD_LIFE_NANOS = 1_000_000_000L;

  /// A dial that failed later than this met silence and not a refusal.
  private static final long SILENCE_NANOS = 500_000_000L;

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
  private final ArrayDeque<LinkUpstream> waiting = new ArrayDeque<>();
  private final Backoff backoff = new Backoff();
  private Link dialling;
  private boolean draining;

  /// The last dial met silence, then.
  private boolean silent;

  private long silentNanos;

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
    return open(head, end, null, events);
  }

  /// As the other one.
  ///
  /// @param candidate whose load the answer tells of; null where answers tell of none
  Upstream open(RequestHead head, boolean end, Candidate candidate, UpstreamEvents events) {
    LinkUpstream upstream = new LinkUpstream(this, head, end, candidate, events);
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      if (link.canOpen()) {
        upstream.start(link);
        return upstream;
      }
    }
    if (dialling == null && !mayDial()) {
      upstream.fail(noWay());
    } else if (isSilent()) {
      // Whoever waits for this dial waits in vain, most likely, and another node could be at work.
      if (dialling == null) {
        dial();
      }
      upstream.fail(faults.unreachable(null));
    } else if (waiting.size() >= shape.waiting()) {
      upstream.fail(faults.noStream(false));
    } else {
      waiting.add(upstream);
      if (dialling == null) {
        dial();
      }
    }
    return upstream;
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
    }
  }

  /// Called about once a second: looks after every link's life.
  public void onTick(long nowNanos) {
    if (shape.pings()) {
      for (int i = links.size() - 1; i >= 0; i--) {
        links.get(i).onTick(nowNanos);
      }
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
    boolean full = open() >= shape.links() && !draining;
    return full ? faults.noStream(false) : faults.unreachable(null);
  }

  private boolean anySilent() {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).isSilent()) {
        return true;
      }
    }
    return false;
  }

  private boolean isSilent() {
    return silent && ticker.nanos() - silentNanos < SILENCE_MEMORY_NANOS;
  }

  private boolean mayDial() {
    boolean calm = !shape.backoff() || backoff.over(ticker.nanos());
    return !draining && calm && open() < shape.links();
  }

  private void dial() {
    dialling = new Link(this);
    dialling.dial(dialler);
  }

  void onReady(Link link) {
    dialling = null;
    silent = false;
    links.add(link);
    faults.opened();
    if (backoff.failures() > 0) {
      LOG.info("link to {} open after {} that failed", peer, backoff.failures());
    } else {
      LOG.debug("link to {} open", peer);
    }
    while (!waiting.isEmpty() && link.canOpen()) {
      waiting.poll().start(link);
    }
    if (shape.once()) {
      link.drain();
    }
    if (!waiting.isEmpty()) {
      if (mayDial()) {
        dial();
      } else {
        failWaiting(faults.noStream(false));
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
    silent = shape.backoff() && silentNanos - link.dialledNanos() >= SILENCE_NANOS;
    backoff.onFailure(silentNanos, ThreadLocalRandom.current().nextLong());
    int failures = backoff.failures();
    if (Integer.bitCount(failures) == 1) {
      // 1, 2, 4, 8: a node that stays away must not fill the log.
      LOG.warn("link to {} failed, {} in a row: {}", peer, failures, LinkFaults.reason(cause));
    }
    failWaiting(faults.unreachable(cause));
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

  private void failWaiting(Fault fault) {
    // Those that come meanwhile, because a fault made somebody try again, wait for the next dial.
    for (int left = waiting.size(); left > 0 && !waiting.isEmpty(); left--) {
      waiting.poll().fail(fault);
    }
  }
}
