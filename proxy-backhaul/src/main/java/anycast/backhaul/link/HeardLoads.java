package anycast.backhaul.link;

import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.routing.feed.LoadLines;
import anycast.routing.model.NodeId;
import anycast.routing.table.RoutingTable;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;

/// The stream on which an edge hears how busy one worker's instances are, and tells the loads in
/// its table.
///
/// **Threading.** The link's event loop. **Limits.** One line is kept between two pieces of data.
/// **Faults.** A worker that sends anything else is not listened to any more; its requests go on.
final class HeardLoads implements StreamEvents {
  private static final int OK = 200;

  private final NodeId node;
  private final RoutingTable table;
  private final Ticker ticker;
  private final CounterCell counters;
  private final byte[] bytes = new byte[8 * LoadLines.MAX_LINE];

  private H2Stream stream;
  private int filled;
  private boolean over;
  private boolean refused;

  HeardLoads(NodeId node, RoutingTable table, Ticker ticker, CounterCell counters) {
    this.node = node;
    this.table = table;
    this.ticker = ticker;
    this.counters = counters;
  }

  /// Once, when it has been opened.
  void carry(H2Stream opened) {
    stream = opened;
  }

  boolean isOver() {
    return over;
  }

  /// Whether the worker, or what it sent, ended it, and not the link's end: it will again.
  boolean refused() {
    return refused;
  }

  /// Nobody listens any more.
  void end() {
    if (!over) {
      over = true;
      stream.reset(H2Code.CANCEL);
    }
  }

  @Override
  public void onHead(ResponseHead head, boolean end) {
    if (end) {
      over = true;
    } else if (head.status() != OK) {
      refused = true;
      end();
    }
  }

  @Override
  public void onData(ByteBuf data, boolean end) {
    int size = data.readableBytes();
    try {
      while (data.isReadable() && !over) {
        read(data);
      }
    } finally {
      data.release();
    }
    if (end) {
      over = true;
    } else if (!over) {
      stream.consumed(size);
    }
  }

  private void read(ByteBuf data) {
    int more = Math.min(data.readableBytes(), bytes.length - filled);
    data.readBytes(bytes, filled, more);
    filled += more;
    int read = LoadLines.apply(table.current(), node, bytes, 0, filled, ticker.nanos());
    if (read < 0) {
      refused = true;
      end();
      return;
    }
    counters.add(Counter.LOAD_REPORTS_HEARD);
    filled -= read;
    System.arraycopy(bytes, read, bytes, 0, filled);
  }

  @Override
  public void onTrailers(Fields trailers) {
    over = true;
  }

  @Override
  public void onSent(int sent) {}

  @Override
  public void onReset(int errorCode) {
    refused = true;
    over = true;
  }

  @Override
  public void onConnectionLost() {
    over = true;
  }
}
