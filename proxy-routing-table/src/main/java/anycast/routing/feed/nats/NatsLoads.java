package anycast.routing.feed.nats;

import anycast.routing.feed.LoadChannel;
import anycast.routing.model.NodeId;
import anycast.routing.time.Ticker;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads by plain messages of NATS, `PREFIX.load.NODE`: nothing is stored, nothing is answered.
///
/// A connection of its own: what is told ten times a second must not stand in line before state,
/// nor behind it.
///
/// **Threading.** As [LoadChannel]; the listener runs on the client's thread. **Limits.** A
/// listener that is slow loses messages beyond [#PENDING_MESSAGES]. **Faults.** Without a
/// connection nothing is said and nothing heard, until one stands again.
public final class NatsLoads implements LoadChannel {
  /// A second of a fleet of 250 workers.
  private static final int PENDING_MESSAGES = 1_000;

  private static final int PENDING_BYTES = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(NatsLoads.class);

  private final String prefix;
  private final String own;
  private final Optional<Listener> listener;
  private final NatsLink link;

  /// Begins to connect.
  ///
  /// @param self under whose name it tells
  /// @param listener hears all nodes, also this one; empty = nobody listens
  public NatsLoads(NatsConfig config, NodeId self, Optional<Listener> listener, Ticker ticker) {
    this.prefix = config.bucketPrefix() + ".load.";
    this.own = prefix + KeyToken.of(List.of(self.value()));
    this.listener = listener;
    this.link = new NatsLink(config, "anycast-load-" + self.value(), ticker, this::onConnected);
    link.start();
  }

  private void onConnected() {
    if (listener.isEmpty()) {
      return;
    }
    try {
      Dispatcher dispatcher = link.connection().createDispatcher(this::onMessage);
      dispatcher.setPendingLimits(PENDING_MESSAGES, PENDING_BYTES);
      dispatcher.subscribe(prefix + ">");
    } catch (IOException | IllegalStateException e) {
      LOG.debug("loads are heard with the next connection", e);
    }
  }

  private void onMessage(Message message) {
    String subject = message.getSubject();
    byte[] lines = message.getData();
    Optional<List<String>> node =
        subject.startsWith(prefix)
            ? KeyToken.cells(subject.substring(prefix.length()), 1)
            : Optional.empty();
    if (node.isEmpty() || lines == null) {
      return;
    }
    NodeId from;
    try {
      from = new NodeId(node.get().getFirst());
    } catch (IllegalArgumentException e) {
      return;
    }
    listener.orElseThrow().onTold(from, lines);
  }

  @Override
  public void tell(byte[] lines) {
    try {
      Connection connection = link.connection();
      connection.publish(own, lines);
    } catch (IOException | IllegalStateException | IllegalArgumentException e) {
      // Old numbers are of no use to anybody: the next ones come in a moment.
      LOG.debug("loads were not told", e);
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
