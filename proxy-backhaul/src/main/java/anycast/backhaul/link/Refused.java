package anycast.backhaul.link;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;

/// An attempt that failed before it began; swallows what still comes.
enum Refused implements Upstream {
  UPSTREAM;

  @Override
  public void sendData(ByteBuf data, boolean end) {
    data.release();
  }

  @Override
  public void sendTrailers(Fields trailers) {}

  @Override
  public void cancel(Fault why) {}

  @Override
  public void consumed(int bytes) {}
}
