package anycast.backhaul.worker;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Connector;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.pick.Candidate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/// One attempt through a connector, with what came back; the test's thread waits on futures.
public final class Call implements UpstreamEvents {
  public static final long DEADLINE_SECONDS = 30;

  /// What a downstream of the real engine would hand in before it wants credit.
  private static final int WINDOW_BYTES = 64 << 10;

  private final EventLoop loop;
  private Upstream upstream;

  public final CompletableFuture<ResponseHead> head = new CompletableFuture<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final CompletableFuture<Fault> fault = new CompletableFuture<>();
  public final List<ResponseHead> informational = new CopyOnWriteArrayList<>();
  public volatile Fields trailers;
  public final AtomicLong received = new AtomicLong();
  public final AtomicLong sent = new AtomicLong();
  public final CRC32 checksum = new CRC32();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /// Whether response bytes are consumed as they come.
  private boolean consuming = true;

  private int unconsumed;

  /// What is still to be sent of a generated body, on the loop.
  private long toSend;

  private long offered;

  private Call(EventLoop loop) {
    this.loop = loop;
  }

  public static RequestHead get(String path) {
    return request("GET", path, new Fields());
  }

  public static RequestHead request(String method, String path, Fields fields) {
    return new RequestHead(
        AsciiString.of(method),
        AsciiString.of("https"),
        AsciiString.of("hello.example"),
        AsciiString.of(path),
        null,
        fields);
  }

  public static RequestHead webSocket(String path) {
    Fields fields = new Fields();
    fields.add("sec-websocket-version", "13");
    fields.add("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    return new RequestHead(
        AsciiString.of("GET"),
        AsciiString.of("https"),
        AsciiString.of("hello.example"),
        AsciiString.of(path),
        AsciiString.of("websocket"),
        fields);
  }

  public static Fields fields(String... namesAndValues) {
    Fields fields = new Fields();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  /// Opens an attempt on `loop`.
  public static Call open(
      EventLoop loop, Connector connector, Candidate candidate, RequestHead head, boolean end) {
    return open(loop, connector, candidate, head, end, true);
  }

  public static Call open(
      EventLoop loop,
      Connector connector,
      Candidate candidate,
      RequestHead head,
      boolean end,
      boolean consuming) {
    Call call = new Call(loop);
    call.consuming = consuming;
    Attempt attempt = new Attempt(candidate, arrival(), head, end, 0, 0, 0);
    loop.execute(() -> call.upstream = connector.open(attempt, call));
    return call;
  }

  /// As an engine that lets the worker keep the request waiting for so long.
  public static Call patient(
      EventLoop loop,
      Connector connector,
      Candidate candidate,
      RequestHead head,
      boolean end,
      Duration queue) {
    Call call = new Call(loop);
    Attempt attempt = new Attempt(candidate, arrival(), head, end, 0, queue.toNanos(), 0);
    loop.execute(() -> call.upstream = connector.open(attempt, call));
    return call;
  }

  /// As an engine that gives the connection to the app so much time.
  public static Call hurried(
      EventLoop loop,
      Connector connector,
      Candidate candidate,
      RequestHead head,
      Duration connect) {
    Call call = new Call(loop);
    Attempt attempt = new Attempt(candidate, arrival(), head, true, connect.toNanos(), 0, 0);
    loop.execute(() -> call.upstream = connector.open(attempt, call));
    return call;
  }

  private static Arrival arrival() {
    return new Arrival(
        "01TEST-fra", InetAddress.getLoopbackAddress(), 443, true, "2", System.nanoTime());
  }

  public Call send(String text, boolean end) {
    ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    loop.execute(() -> upstream.sendData(data, end));
    return this;
  }

  public Call sendTrailers(Fields fields) {
    loop.execute(() -> upstream.sendTrailers(fields));
    return this;
  }

  /// Sends that many generated bytes as credit allows, then the end.
  public Call sendGenerated(long bytes) {
    loop.execute(() -> {
      toSend = bytes;
      pump();
    });
    return this;
  }

  private void pump() {
    while (toSend > 0 && offered - sent.get() < WINDOW_BYTES) {
      int size = (int) Math.min(toSend, 8 << 10);
      // One array, one write: the leak detector takes a stack trace of every call on a buffer.
      byte[] bytes = new byte[size];
      for (int i = 0; i < size; i++) {
        bytes[i] = (byte) ((offered + i) * 31);
      }
      ByteBuf data = ByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(bytes);
      toSend -= size;
      offered += size;
      upstream.sendData(data, toSend == 0);
    }
  }

  public void cancel() {
    loop.execute(() -> upstream.cancel(Fault.of(FaultKind.CLIENT_GONE)));
  }

  /// Takes in what was held back, and everything from now on.
  public void consume() {
    loop.execute(() -> {
      consuming = true;
      int bytes = unconsumed;
      unconsumed = 0;
      upstream.consumed(bytes);
    });
  }

  public ResponseHead head() throws Exception {
    return head.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /// The whole body, once the response has ended.
  public String body() throws Exception {
    return ended.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  public Fault fault() throws Exception {
    return fault.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  public boolean isOver() {
    return ended.isDone() || fault.isDone();
  }

  /// Waits for a fault and says whether it is one that is safe to retry; false where none comes
  /// while a few round trips would have brought it.
  public boolean settledSafely() throws Exception {
    try {
      return fault.get(500, TimeUnit.MILLISECONDS).retrySafe();
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }

  /// Waits for the end, good or bad.
  public boolean succeeded() throws Exception {
    try {
      body();
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }

  @Override
  public void onResponseHead(ResponseHead answer, boolean end) {
    if (answer.informational()) {
      informational.add(answer);
      return;
    }
    head.complete(answer);
    if (end) {
      end();
    }
  }

  @Override
  public void onResponseData(ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    byte[] copy = new byte[bytes];
    data.readBytes(copy);
    data.release();
    checksum.update(copy);
    if (body.size() < 1 << 20) {
      body.writeBytes(copy);
    }
    received.addAndGet(bytes);
    if (end) {
      end();
    } else if (consuming) {
      upstream.consumed(bytes);
    } else {
      unconsumed += bytes;
    }
  }

  @Override
  public void onResponseTrailers(Fields fields) {
    trailers = fields;
    end();
  }

  @Override
  public void onRequestSent(int bytes) {
    sent.addAndGet(bytes);
    pump();
  }

  @Override
  public void onUpstreamFault(Fault failed) {
    if (isOver()) {
      ended.completeExceptionally(new AssertionError("two endings: " + failed));
    }
    fault.complete(failed);
    AssertionError told = new AssertionError("fault " + failed);
    head.completeExceptionally(told);
    ended.completeExceptionally(told);
  }

  private void end() {
    if (isOver()) {
      fault.completeExceptionally(new AssertionError("two endings"));
    }
    ended.complete(body.toString(StandardCharsets.ISO_8859_1));
    fault.completeExceptionally(new AssertionError("ended well"));
  }
}
