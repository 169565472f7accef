package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;

/// One stream: its state, its two windows, and what it still has to send.
///
/// What the peer does comes in through [Inbound], what the user does through [H2Stream]. The stream
/// ends for its user exactly once: with both sides' END_STREAM, by [#reset], or by one of `onReset`
/// and `onConnectionLost`.
///
/// **Threading.** The connection's event loop.
final class Stream implements H2Stream {
  private static final long UNKNOWN = -1;

  private final int id;
  private final H2Connection connection;
  private final SendQueue queue = new SendQueue();
  private final ReceiveWindow receive;
  private StreamEvents events;
  private StreamState state = StreamState.OPEN;

  private int sendWindowBytes;
  private int sentBytes;
  private boolean inLine;
  private boolean sendEnded;
  private boolean silent;
  private boolean lostEarly;

  private int unconsumedBytes;
  private int widenedBytes;
  private int takenBytes;
  private int stalledLooks = -1;
  private long contentLeftBytes = UNKNOWN;
  private boolean headRequest;
  private boolean upgrade;
  private boolean finalHead;

  Stream(int id, H2Connection connection, int sendWindowBytes, ReceiveWindow receive) {
    this.id = id;
    this.connection = connection;
    this.sendWindowBytes = sendWindowBytes;
    this.receive = receive;
  }

  /// Server role: the user, once it has taken the request. The connection may be gone by then.
  void events(StreamEvents user) {
    events = user;
    if (lostEarly) {
      user.onConnectionLost();
    }
  }

  void lost() {
    abort(StreamTable.Past.ENDED);
    if (events == null) {
      lostEarly = true;
    } else {
      events.onConnectionLost();
    }
  }

  StreamEvents events() {
    return events;
  }

  @Override
  public int id() {
    return id;
  }

  StreamState state() {
    return state;
  }

  /// Whether the request was an extended CONNECT.
  boolean upgrade() {
    return upgrade;
  }

  void upgrade(boolean asked) {
    upgrade = asked;
  }

  /// Client role: the answer will have no body.
  void headRequest(boolean asked) {
    headRequest = asked;
  }

  // What the user does.

  @Override
  public void sendHead(ResponseHead head, boolean end) {
    if (!maySend() || finalHead) {
      return;
    }
    int status = head.status();
    if (status == Heads.SWITCHING_PROTOCOLS) {
      if (!upgrade) {
        throw new IllegalArgumentException("101 without extended CONNECT");
      }
      status = Heads.OK;
    }
    finalHead = !head.informational();
    connection.out().response(id, status, head.fields(), end && finalHead);
    if (end && finalHead) {
      localEnd();
    }
  }

  @Override
  public void sendData(ByteBuf data, boolean end) {
    if (!maySend()) {
      data.release();
      return;
    }
    if (data.isReadable()) {
      sendEnded = end;
      connection.pump().offer(this, data, end);
      return;
    }
    data.release();
    if (!end) {
      return;
    }
    sendEnded = true;
    if (queue.isEmpty()) {
      connection.out().end(id);
      localEnd();
    } else {
      queue.end();
    }
  }

  @Override
  public void sendTrailers(Fields trailers) {
    if (!maySend()) {
      return;
    }
    sendEnded = true;
    if (queue.isEmpty()) {
      writeTrailers(trailers);
    } else {
      queue.end(trailers);
    }
  }

  private boolean maySend() {
    return state.localOpen() && !sendEnded;
  }

  @Override
  public void reset(int errorCode) {
    if (state == StreamState.CLOSED) {
      return;
    }
    connection.out().rst(id, errorCode);
    abort(StreamTable.Past.RESET_BY_US);
  }

  @Override
  public void consumed(int bytes) {
    int credit = Math.min(bytes, unconsumedBytes);
    if (credit <= 0) {
      return;
    }
    unconsumedBytes -= credit;
    takenBytes += credit;
    connection.window().give(credit);
    if (state.remoteOpen()) {
      receive.give(credit);
    }
  }

  @Override
  public void widenWindow(int bytes) {
    if (state.remoteOpen()) {
      int granted = connection.grantWide(bytes);
      widenedBytes += granted;
      receive.widen(granted);
    }
  }

  // Sending.

  SendQueue queue() {
    return queue;
  }

  int sendWindowBytes() {
    return sendWindowBytes;
  }

  boolean inLine() {
    return inLine;
  }

  void inLine(boolean stands) {
    inLine = stands;
  }

  /// WINDOW_UPDATE, or a change of SETTINGS_INITIAL_WINDOW_SIZE, which may make it negative.
  ///
  /// @return false when the window overflows
  boolean widenSend(int bytes) {
    long wider = (long) sendWindowBytes + bytes;
    if (wider > Integer.MAX_VALUE) {
      return false;
    }
    sendWindowBytes = (int) wider;
    connection.pump().ready(this);
    return true;
  }

  /// These bytes have been written.
  ///
  /// @return whether the stream has had nothing to report before
  boolean wrote(int bytes, boolean end) {
    sendWindowBytes -= bytes;
    boolean firstReport = sentBytes == 0;
    sentBytes += bytes;
    if (end) {
      localEnd();
    }
    return firstReport;
  }

  void writeTrailers(Fields trailers) {
    connection.out().trailers(id, trailers);
    localEnd();
  }

  void reportSent() {
    int bytes = sentBytes;
    sentBytes = 0;
    if (!silent && bytes > 0) {
      events.onSent(bytes);
    }
  }

  /// Client role: the request is its head.
  void endedByHead() {
    localEnd();
  }

  private void localEnd() {
    sendEnded = true;
    state = state.localEnd();
    closeIfEnded();
  }

  // Receiving.

  /// Whether the stream's window admits a DATA frame, padding included.
  boolean take(int flowBytes, int paddingBytes) {
    if (!receive.take(flowBytes)) {
      return false;
    }
    receive.give(paddingBytes);
    unconsumedBytes += flowBytes - paddingBytes;
    return true;
  }

  /// Whether its user took at least so much since the last look, of what it holds.
  ///
  /// @return looks in a row at which it had not; the first look only begins to count
  int look(int progressBytes) {
    boolean moves = unconsumedBytes == 0 || takenBytes >= progressBytes;
    takenBytes = 0;
    stalledLooks = moves ? 0 : stalledLooks + 1;
    return stalledLooks;
  }

  int stalledLooks() {
    return stalledLooks;
  }

  /// Ends what holds bytes and takes none.
  void evict() {
    if (state != StreamState.CLOSED) {
      boolean server = connection.isServer();
      connection.out().rst(id, server ? H2Code.ENHANCE_YOUR_CALM : H2Code.CANCEL);
      abort(StreamTable.Past.RESET_BY_US);
      events.onStalled();
    }
  }

  void resizeReceive(int deltaBytes) {
    receive.resize(deltaBytes);
  }

  /// What content-length announces.
  ///
  /// @param bytes -1 where it announces nothing
  void expectContent(long bytes) {
    contentLeftBytes = bytes;
  }

  /// A response head's content; some responses have none whatever their head says (RFC 9110
  /// §6.4.1).
  void expectContent(int status, long bytes) {
    boolean none = headRequest || status == 204 || status == 304;
    contentLeftBytes = none ? 0 : upgrade ? UNKNOWN : bytes;
  }

  /// @return whether the content is of the announced length, as far as one knows by now
  boolean countContent(int bytes, boolean end) {
    if (contentLeftBytes == UNKNOWN) {
      return true;
    }
    contentLeftBytes -= bytes;
    return end ? contentLeftBytes == 0 : contentLeftBytes >= 0;
  }

  /// Client role: whether the final head has come.
  boolean finalHead() {
    return finalHead;
  }

  void finalHeadCame() {
    finalHead = true;
  }

  void remoteEnd() {
    state = state.remoteEnd();
    closeIfEnded();
  }

  private void closeIfEnded() {
    if (state == StreamState.CLOSED) {
      leave(StreamTable.Past.ENDED);
    }
  }

  /// Ends abruptly, without a word to the user: the caller has it.
  void abort(StreamTable.Past how) {
    if (state == StreamState.CLOSED) {
      return;
    }
    state = StreamState.CLOSED;
    silent = true;
    connection.pump().drop(queue);
    leave(how);
  }

  private void leave(StreamTable.Past how) {
    // A user that is done need not return what it never looked at.
    int left = unconsumedBytes;
    unconsumedBytes = 0;
    connection.grantWide(-widenedBytes);
    connection.onStreamGone(this, how);
    connection.window().give(left);
  }
}
