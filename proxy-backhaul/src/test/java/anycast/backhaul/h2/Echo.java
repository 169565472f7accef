package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// A server that answers 200 and sends back what it gets, as fast as it is read.
class Echo implements ServerEvents {
  @Override
  public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
    Fields fields = new Fields();
    fields.add("server", "echo");
    fields.add("x-path", head.path());
    if (head.upgrade() != null) {
      stream.sendHead(new ResponseHead(101, fields), false);
    } else {
      stream.sendHead(new ResponseHead(200, fields), false);
    }
    if (end) {
      stream.sendData(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII), true);
    }
    return new EchoStream(stream);
  }

  @Override
  public void onReady() {}

  @Override
  public void onGoAway(int lastStreamId, int code) {}

  @Override
  public void onClosed(Throwable cause) {}

  @Override
  public void onPong(long nanosRoundTrip) {}

  private record EchoStream(H2Stream stream) implements StreamEvents {
    @Override
    public void onHead(ResponseHead head, boolean end) {
      throw new AssertionError("a server gets no response");
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
      stream.sendData(data, end);
    }

    @Override
    public void onTrailers(Fields trailers) {
      stream.sendTrailers(trailers);
    }

    @Override
    public void onSent(int bytes) {
      stream.consumed(bytes);
    }

    @Override
    public void onReset(int errorCode) {}

    @Override
    public void onConnectionLost() {}
  }
}
