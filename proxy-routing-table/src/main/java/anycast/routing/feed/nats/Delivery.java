package anycast.routing.feed.nats;

import anycast.routing.feed.Legible;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/// One short-lived consumer of one bucket, checked message by message: a number that is missing, or
/// a heartbeat that is, ends it. It has no second life; its owner decides where the next begins.
///
/// **Threading.** [#next] is one thread's; [#close] is for any, and ends it. **Limits.** Flow
/// control: the server sends on when what it sent was taken. **Faults.** Values.
final class Delivery implements AutoCloseable {
  /// What the server forgets a consumer after, once nobody listens.
  private static final Duration ORPHANED = Duration.ofSeconds(30);

  /// What came.
  sealed interface Step {
    /// @param removed the key is gone, `value` says nothing
    /// @param pending how many the server has behind it
    record Entry(String key, long revision, Instant at, boolean removed, byte[] value, long pending)
        implements Step {}

    /// Nothing new; all that there is was delivered.
    record Idle() implements Step {}

    record Ended(String reason) implements Step {}
  }

  private final Connection connection;
  private final Subscription inbox;
  private final Duration silence;
  private final int prefix;
  private final String consumer;
  private final String stream;
  private final long pendingAtOpen;
  private long expected = 1;
  private String lastFlow = "";

  private Delivery(
      Connection connection,
      Subscription inbox,
      String bucket,
      ConsumerInfo info,
      Duration silence) {
    this.connection = connection;
    this.inbox = inbox;
    this.silence = silence;
    this.prefix = subject(bucket, "").length();
    this.consumer = info.getName();
    this.stream = info.getStreamName();
    this.pendingAtOpen = info.getNumPending();
  }

  static String stream(String bucket) {
    return "KV_" + bucket;
  }

  static String subject(String bucket, String key) {
    return "$KV." + bucket + "." + key;
  }

  /// @param filter which keys, `>` = all
  /// @param from the first revision wanted; 0 = the last one of each key, then all later ones
  static Delivery open(Connection connection, String bucket, String filter, long from, Pace pace)
      throws IOException, JetStreamApiException {
    JetStreamManagement management = NatsLink.management(connection);
    String deliver = connection.createInbox();
    Subscription inbox = connection.subscribe(deliver);
    ConsumerConfiguration.Builder wanted =
        ConsumerConfiguration.builder()
            .deliverSubject(deliver)
            .filterSubject(subject(bucket, filter))
            .ackPolicy(AckPolicy.None)
            .maxDeliver(1)
            .flowControl(pace.heartbeat())
            .inactiveThreshold(ORPHANED)
            .memStorage(true)
            .numReplicas(1);
    if (from > 0) {
      wanted.deliverPolicy(DeliverPolicy.ByStartSequence).startSequence(from);
    } else {
      wanted.deliverPolicy(DeliverPolicy.LastPerSubject);
    }
    try {
      ConsumerInfo info = management.createConsumer(stream(bucket), wanted.build());
      return new Delivery(connection, inbox, bucket, info, pace.silence());
    } catch (IOException | JetStreamApiException | RuntimeException e) {
      release(inbox);
      throw e;
    }
  }

  /// How many entries the server had to deliver when it was asked.
  long pendingAtOpen() {
    return pendingAtOpen;
  }

  /// Waits for what comes next, at most as long as a stream that is up can be silent.
  Step next() throws InterruptedException {
    try {
      while (true) {
        Message message = inbox.nextMessage(silence);
        if (message == null) {
          return new Step.Ended("nothing was heard for " + silence.toMillis() + " ms");
        }
        Step step = message.isStatusMessage() ? onStatus(message) : onMessage(message);
        if (step != null) {
          return step;
        }
      }
    } catch (IllegalStateException e) {
      return new Step.Ended("the connection was closed");
    }
  }

  private Step onMessage(Message message) {
    if (!message.isJetStream()) {
      return null;
    }
    NatsJetStreamMetaData numbers = message.metaData();
    if (numbers.consumerSequence() != expected) {
      return new Step.Ended(
          "message " + numbers.consumerSequence() + " came where " + expected + " was due");
    }
    expected++;
    return new Step.Entry(
        message.getSubject().substring(prefix),
        numbers.streamSequence(),
        numbers.timestamp().toInstant(),
        removes(message.getHeaders()),
        message.getData(),
        numbers.pendingCount());
  }

  /// A tombstone, or a newer server's note of why a key is gone.
  private static boolean removes(Headers headers) {
    if (headers == null) {
      return false;
    }
    String operation = headers.getFirst("KV-Operation");
    return "DEL".equals(operation)
        || "PURGE".equals(operation)
        || headers.getFirst("Nats-Marker-Reason") != null;
  }

  private Step onStatus(Message message) {
    var status = message.getStatus();
    Headers headers = message.getHeaders();
    if (status.isFlowControl()) {
      flow(message.getReplyTo());
      return null;
    }
    if (!status.isHeartbeat()) {
      return new Step.Ended("the server says " + Legible.text(status.getMessageWithCode()));
    }
    flow(headers == null ? null : headers.getFirst("Nats-Consumer-Stalled"));
    String delivered = headers == null ? null : headers.getFirst("Nats-Last-Consumer");
    if (delivered != null && !delivered.equals(Long.toString(expected - 1))) {
      return new Step.Ended(
          "message " + Legible.text(delivered) + " was sent, " + (expected - 1) + " came");
    }
    return new Step.Idle();
  }

  private void flow(String reply) {
    if (reply != null && !reply.equals(lastFlow)) {
      connection.publish(reply, null);
      lastFlow = reply;
    }
  }

  /// Ends it here; the server is told where it can be, and forgets by itself otherwise.
  @Override
  public void close() {
    release(inbox);
    if (connection.getStatus() == Connection.Status.CONNECTED) {
      try {
        // the answer is of no use
        connection.publish("$JS.API.CONSUMER.DELETE." + stream + "." + consumer, null);
      } catch (IllegalStateException e) {
        // it closed in this moment
      }
    }
  }

  private static void release(Subscription inbox) {
    try {
      if (inbox.isActive()) {
        inbox.unsubscribe();
      }
    } catch (IllegalStateException e) {
      // closed already, with its connection
    }
  }
}
