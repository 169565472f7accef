package anycast.edge.protocol;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Connector;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h1.Bytes;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.pick.Candidate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// What stands behind the edge in tests: notes what reaches it and answers by path.
final class App implements Connector {
  /// One line for each thing that happened: requests when they have ended, cancels, faults.
  final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  /// Attempts as they are opened.
  final BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();

  /// The loop of the connection under test.
  volatile EventLoop loop;

  @Override
  public boolean reserve(Candidate candidate) {
    candidate.load().begin();
    return true;
  }

  @Override
  public int replayBytes() {
    return 0;
  }

  @Override
  public Upstream open(anycast.backhaul.exchange.Attempt asked, UpstreamEvents events) {
    Attempt attempt = new Attempt(asked.arrival(), asked.head(), events);
    attempts.add(attempt);
    boolean end = asked.end();
    String path = asked.head().path().toString();
    if (path.startsWith("/fault/")) {
      events.onUpstreamFault(Fault.of(FaultKind.valueOf(path.substring("/fault/".length()))));
    } else if (!path.startsWith("/hold")) {
      // Nothing but a fault may come before open returns.
      loop.execute(() -> attempt.opened(end));
    }
    return attempt;
  }

  /// One request as the app has it.
  final class Attempt implements Upstream {
    final Arrival arrival;
    final RequestHead head;
    final UpstreamEvents events;
    private final StringBuilder body = new StringBuilder();
    private final String path;
    private boolean cancelled;
    private boolean swallows;
    private boolean ended;
    private long toSend;
    private long window = 64 << 10;
    volatile int received;

    Attempt(Arrival arrival, RequestHead head, UpstreamEvents events) {
      this.arrival = arrival;
      this.head = head;
      this.events = events;
      path = head.path().toString();
    }

    private void opened(boolean end) {
      if (cancelled) {
        return;
      }
      if (path.startsWith("/early")) {
        seen.add("early " + path);
        events.onResponseHead(head(413, "content-length", "0"), true);
        return;
      }
      if (path.startsWith("/continue")) {
        events.onResponseHead(head(100), false);
      }
      if (path.startsWith("/hints")) {
        events.onResponseHead(head(103, "link", "x"), false);
      }
      if (path.startsWith("/ws")) {
        seen.add(request());
        events.onResponseHead(head(101, "sec-websocket-accept", "yes"), false);
      }
      if (end) {
        answer(null);
      }
    }

    private String request() {
      return head.method()
          + " "
          + head.authority()
          + head.path()
          + " "
          + Bytes.text(head.fields())
          + (body.isEmpty() ? "" : " " + body);
    }

    private void answer(Fields trailers) {
      if (ended) {
        return;
      }
      ended = true;
      seen.add(request() + (trailers == null ? "" : " trailers " + Bytes.text(trailers)));
      if (path.startsWith("/big/")) {
        toSend = Long.parseLong(path.substring("/big/".length()));
        events.onResponseHead(head(200, "content-length", Long.toString(toSend)), false);
        pump();
      } else if (path.startsWith("/chunked")) {
        events.onResponseHead(head(200), false);
        events.onResponseData(data("hello"), false);
        Fields last = new Fields();
        last.add("x-sum", "5");
        events.onResponseTrailers(last);
      } else if (path.startsWith("/cut")) {
        events.onResponseHead(head(200), false);
        events.onResponseData(data("hel"), false);
        events.onUpstreamFault(Fault.of(FaultKind.APP_RESET));
      } else if (path.startsWith("/short")) {
        events.onResponseHead(head(200, "content-length", "10"), false);
        events.onResponseData(data("hel"), true);
      } else if (path.startsWith("/empty")) {
        events.onResponseHead(head(204), true);
      } else {
        events.onResponseHead(head(200, "content-length", "2"), false);
        events.onResponseData(data("ok"), true);
      }
    }

    private void pump() {
      while (toSend > 0 && window > 0) {
        int count = (int) Math.min(Math.min(toSend, window), 16 << 10);
        toSend -= count;
        window -= count;
        events.onResponseData(Unpooled.buffer(count).writeZero(count), toSend == 0);
      }
    }

    @Override
    public void sendData(ByteBuf data, boolean end) {
      int count = data.readableBytes();
      received += count;
      String text = data.toString(StandardCharsets.ISO_8859_1);
      data.release();
      if (path.startsWith("/ws")) {
        events.onRequestSent(count);
        events.onResponseData(data("<" + text + ">"), text.contains("bye"));
        return;
      }
      if (body.length() < 100) {
        body.append(text);
      }
      if (path.startsWith("/hold") && !swallows) {
        return;
      }
      events.onRequestSent(count);
      if (end) {
        answer(null);
      }
    }

    @Override
    public void sendTrailers(Fields trailers) {
      answer(trailers);
    }

    @Override
    public void cancel(Fault why) {
      cancelled = true;
      seen.add("cancel " + path + " " + why.kind());
    }

    @Override
    public void consumed(int bytes) {
      window += bytes;
      pump();
    }

    /// An app that took nothing takes everything from now on.
    void swallow() {
      loop.execute(() -> {
        swallows = true;
        events.onRequestSent(received);
      });
    }

    long windowBytes() {
      return window;
    }
  }

  static ResponseHead head(int status, String... fields) {
    Fields list = new Fields();
    for (int i = 0; i < fields.length; i += 2) {
      list.add(fields[i], fields[i + 1]);
    }
    return new ResponseHead(status, list);
  }

  static ByteBuf data(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }
}
