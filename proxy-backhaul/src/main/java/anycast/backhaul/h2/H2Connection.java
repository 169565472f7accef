package anycast.backhaul.h2;

import anycast.backhaul.head.RequestHead;
import anycast.routing.time.Ticker;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// One HTTP/2 connection, either role; last in its pipeline.
public final class H2Connection extends ChannelInboundHandlerAdapter {
  private H2Connection() {}

  /// For accepted connections.
  public static H2Connection server(H2Limits limits, ServerEvents events, Ticker ticker) {
    throw new UnsupportedOperationException();
  }

  /// For connections that we opened.
  public static H2Connection client(H2Limits limits, ConnectionEvents events, Ticker ticker) {
    throw new UnsupportedOperationException();
  }

  /// Opens a stream with its request.
  ///
  /// @param end no body follows
  /// @return null when [#canOpen] is false, or `head` wants an upgrade that the peer does not offer
  public H2Stream open(RequestHead head, boolean end, StreamEvents events) {
    throw new UnsupportedOperationException();
  }

  /// Whether [#open] would give a stream now.
  public boolean canOpen() {
    throw new UnsupportedOperationException();
  }

  public int openStreams() {
    throw new UnsupportedOperationException();
  }

  /// Asks for a sign of life; [ConnectionEvents#onPong] tells. One is under way at most.
  public void ping() {
    throw new UnsupportedOperationException();
  }

  /// Ends in order: no new streams, those open finish, then the connection closes.
  public void drain() {
    throw new UnsupportedOperationException();
  }

  /// Ends now, with a GOAWAY of this code.
  public void close(int code) {
    throw new UnsupportedOperationException();
  }
}
