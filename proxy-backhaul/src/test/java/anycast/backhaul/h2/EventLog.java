package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes down what a connection tells, one line an event, and answers nothing by itself.
final class EventLog implements ServerEvents {
  final List<String> lines = new ArrayList<>();
  final Map<Integer, H2Stream> streams = new HashMap<>();
  final Map<Integer, RequestHead> requests = new HashMap<>();
  final Map<Integer, ResponseHead> responses = new HashMap<>();
  boolean consume;

  @Override
  public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
    lines.add("request " + stream.id() + (end ? " end" : ""));
    streams.put(stream.id(), stream);
    requests.put(stream.id(), head);
    return user(stream.id());
  }

  /// A stream's user that writes here.
  StreamEvents user(int id) {
    return new StreamEvents() {
      @Override
      public void onHead(ResponseHead head, boolean end) {
        lines.add("head " + id + " " + head.status() + (end ? " end" : ""));
        responses.put(id, head);
      }

      @Override
      public void onData(ByteBuf data, boolean end) {
        int bytes = data.readableBytes();
        lines.add("data " + id + " " + bytes + (end ? " end" : ""));
        data.release();
        if (consume) {
          streams.get(id).consumed(bytes);
        }
      }

      @Override
      public void onTrailers(Fields trailers) {
        lines.add("trailers " + id + " " + trailers.size());
      }

      @Override
      public void onSent(int bytes) {
        lines.add("sent " + id + " " + bytes);
      }

      @Override
      public void onReset(int errorCode) {
        lines.add("reset " + id + " " + errorCode);
      }

      @Override
      public void onConnectionLost() {
        lines.add("lost " + id);
      }
    };
  }

  @Override
  public void onReady() {
    lines.add("ready");
  }

  @Override
  public void onGoAway(int lastStreamId, int code) {
    lines.add("goaway " + lastStreamId + " " + code);
  }

  @Override
  public void onClosed(Throwable cause) {
    lines.add("closed");
  }

  @Override
  public void onPong(long nanosRoundTrip) {
    lines.add("pong " + nanosRoundTrip);
  }
}
