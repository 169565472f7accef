package anycast.backhaul.link;

import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.PeerCheck;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.ListenerSockets;
import anycast.routing.model.Node;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;

/// The worker's listener for links: takes edges, begins an exchange for each of their streams.
///
/// **Threading.** Callable from any thread but the loops. **Faults.** Whoever is not an edge of
/// this fleet is logged and cut off after the handshake. This node itself is taken too, for the
/// canary's instance alone.
public final class LinkAcceptor implements AutoCloseable {
  /// What the worker's one listener is called.
  public static final String NAME = "backhaul";

  private final EventLoops loops;
  private final Identity identity;
  private final LinkPlanner planner;
  private final Exchanges exchanges;
  private final Counters counters;
  private final PerLoop<AcceptedLinks> accepted;
  private Channel listener;

  /// Set once, by whoever starts the listener.
  private volatile Supplier<LoadEdition> loads = () -> LoadEdition.NONE;

  public LinkAcceptor(
      EventLoops loops,
      Identity identity,
      LinkPlanner planner,
      Exchanges exchanges,
      Counters counters) {
    this.loops = loops;
    this.identity = identity;
    this.planner = planner;
    this.exchanges = exchanges;
    this.counters = counters;
    List<EventLoop> all = loops.loops();
    this.accepted =
        new PerLoop<>(
            all,
            loop -> new AcceptedLinks(all.indexOf(loop), loop, loops.ticker(), () -> loads.get()));
  }

  /// Tells where edges learn from how busy the instances are.
  ///
  /// @param newest asked on event loops
  public void follow(Supplier<LoadEdition> newest) {
    loads = newest;
  }

  /// Listens.
  ///
  /// @return the bound address
  /// @throws IOException where the address cannot be had
  public InetSocketAddress bind(InetSocketAddress address) throws IOException {
    return open(
        new HostPort(address.getHostString(), address.getPort()), ListenerSockets.bound(loops));
  }

  /// Listens on the socket that is inherited as [#NAME], else on `address`.
  ///
  /// @return where it listens
  /// @throws IOException where the address cannot be had
  public InetSocketAddress open(HostPort address, ListenerSockets sockets) throws IOException {
    ChannelInitializer<Channel> links =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            assemble(channel);
          }
        };
    listener = sockets.open(NAME, address, bootstrap -> bootstrap.childHandler(links));
    return (InetSocketAddress) listener.localAddress();
  }

  /// Response bytes that wait for the edges, on the calling event loop.
  public long queuedBytes() {
    return accepted.mine().queuedBytes();
  }

  /// All links, for the operator.
  public List<LinkView> views() {
    List<LinkView> all = new ArrayList<>();
    accepted.each().forEach(links -> all.addAll(links.views()));
    return all;
  }

  /// Accepts no more links and no more streams; what is open goes on.
  public void drain() {
    if (listener != null) {
      listener.close().awaitUninterruptibly();
    }
    each(AcceptedLinks::onDrain);
  }

  /// Ends what is still open.
  @Override
  public void close() {
    if (listener != null) {
      listener.close().awaitUninterruptibly();
    }
    each(AcceptedLinks::onReset);
  }

  private void each(Consumer<AcceptedLinks> command) {
    List<EventLoop> all = loops.loops();
    for (int i = 0; i < all.size(); i++) {
      AcceptedLinks links = accepted.each().get(i);
      all.get(i).execute(() -> command.accept(links));
    }
  }

  /// An edge; or this node itself, which asks whether it is well.
  private PeerCheck.Result known(SSLSession session) {
    PeerCheck.Result edge = PeerCheck.role(session, Node.Role.EDGE);
    boolean self =
        edge instanceof PeerCheck.Result.Refused
            && PeerCheck.node(session, Node.Role.WORKER, identity.self().node())
                instanceof PeerCheck.Result.Ok;
    return self ? new PeerCheck.Result.Ok(identity.self()) : edge;
  }

  /// TLS first as it makes bytes readable; the gate before HTTP/2, which must not hear a stranger.
  private void assemble(Channel channel) {
    AcceptedLinks mine = accepted.mine();
    CounterCell cell = counters.cell(channel.eventLoop());
    AcceptedLink link = new AcceptedLink(mine, channel, planner, exchanges, cell);
    H2Connection connection = H2Connection.server(H2Limits.link(), link, loops.ticker());
    link.carry(connection);
    SslHandler tls = identity.linkServer().newHandler(channel.alloc());
    tls.setHandshakeTimeoutMillis(NodeDialler.HANDSHAKE_TIMEOUT_MILLIS);
    PeerGate gate =
        new PeerGate(
            this::known,
            peer -> {
              if (peer.equals(identity.self())) {
                link.onSelf(counters.aside());
              } else {
                link.onPeer(peer);
                mine.add(link);
              }
            },
            cause -> cell.add(Counter.LINKS_REFUSED));
    channel.pipeline().addLast(tls, gate, connection);
  }
}
