package anycast.edge;

import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Connector;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.link.PerLoop;
import anycast.backhaul.runtime.EventLoops;
import anycast.routing.pick.Candidate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What stands behind an edge under test: answers each request with what it got, as text.
///
/// Paths ask for more: `/fault/KIND` fails so before the head, `/late/KIND` after it; `/wait` is
/// not answered, `/trailers` ends with trailers, `/big/N` sends N bytes.
final class AnsweringConnector implements Connector {
  private final PerLoop<EventLoop> loops;

  /// Requests in the order in which they came.
  final Queue<String> seen = new ConcurrentLinkedQueue<>();

  /// Requests that were given up.
  final Queue<Fault> cancelled = new ConcurrentLinkedQueue<>();

  AnsweringConnector(EventLoops loops) {
    this.loops = new PerLoop<>(loops.loops(), loop -> loop);
  }

  @Override
  public boolean reserve(Candidate candidate) {
    candidate.load().begin();
    return true;
  }

  @Override
  public Upstream open(Attempt attempt, UpstreamEvents events) {
    String text = told(attempt.candidate(), attempt.head());
    seen.add(text);
    Answer answer = new Answer(attempt.head(), text, events);
    if (attempt.end()) {
      loops.mine().execute(answer::give);
    }
    return answer;
  }

  @Override
  public int replayBytes() {
    return 65_536;
  }

  private static String told(Candidate candidate, RequestHead head) {
    StringBuilder text = new StringBuilder();
    text.append(head.method()).append(' ').append(head.path()).append('\n');
    text.append("authority: ").append(head.authority()).append('\n');
    text.append("instance: ").append(candidate.instance().id()).append('\n');
    for (int i = 0; i < head.fields().size(); i++) {
      text.append(head.fields().name(i)).append(": ").append(head.fields().valueText(i));
      text.append('\n');
    }
    return text.toString();
  }

  private final class Answer implements Upstream {
    private final RequestHead head;
    private final String text;
    private final UpstreamEvents events;
    private int bodyBytes;
    private boolean over;

    Answer(RequestHead head, String text, UpstreamEvents events) {
      this.head = head;
      this.text = text;
      this.events = events;
    }

    void give() {
      if (over) {
        return;
      }
      String path = head.path().toString();
      if (path.startsWith("/wait")) {
        return;
      }
      over = true;
      if (path.startsWith("/fault/")) {
        events.onUpstreamFault(Fault.of(FaultKind.valueOf(path.substring(7)), "why"));
        return;
      }
      Fields fields = new Fields();
      fields.add("content-type", "text/plain");
      byte[] body = body(path);
      boolean bare = head.method().contentEquals("HEAD");
      if (!path.startsWith("/trailers") && !path.startsWith("/late/")) {
        fields.add("content-length", Integer.toString(body.length));
      }
      events.onResponseHead(new ResponseHead(200, fields), bare);
      if (bare) {
        return;
      }
      boolean more = path.startsWith("/trailers") || path.startsWith("/late/");
      events.onResponseData(Unpooled.wrappedBuffer(body), !more);
      if (path.startsWith("/trailers")) {
        Fields trailers = new Fields();
        trailers.add("x-checksum", "42");
        events.onResponseTrailers(trailers);
      } else if (more) {
        events.onUpstreamFault(Fault.of(FaultKind.valueOf(path.substring(6)), "why"));
      }
    }

    private byte[] body(String path) {
      if (path.startsWith("/big/")) {
        return new byte[Integer.parseInt(path.substring(5))];
      }
      return (text + "body: " + bodyBytes + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void sendData(ByteBuf data, boolean end) {
      int bytes = data.readableBytes();
      bodyBytes += bytes;
      data.release();
      loops
          .mine()
          .execute(() -> {
            events.onRequestSent(bytes);
            if (end) {
              give();
            }
          });
    }

    @Override
    public void sendTrailers(Fields trailers) {
      loops.mine().execute(this::give);
    }

    @Override
    public void cancel(Fault why) {
      over = true;
      cancelled.add(why);
    }

    @Override
    public void consumed(int bytes) {}
  }
}
