package anycast.demo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// All that the demo app can do, by path; any path that is not listed answers with what was seen of
/// the request.
final class Answers {
  private static final int BLOCK_BYTES = 16 * 1024;

  private Answers() {}

  static Answer to(HttpRequest request, Reply reply, Control control) {
    QueryStringDecoder target = new QueryStringDecoder(request.uri());
    Map<String, List<String>> query = target.parameters();
    control.onRequest(target.path());
    return switch (target.path()) {
      case "/echo" -> new Echo(request, reply);
      case "/sha256" -> new Digest(reply);
      case "/bytes" -> new Stream(reply, number(query, "n", 1024), 0, true);
      case "/stream" ->
          new Stream(reply, number(query, "bytes", 1 << 20), number(query, "rate", 0), false);
      case "/trailers" -> new AtEnd(reply, trailers -> withTrailers(reply));
      case "/delay" -> new AtEnd(reply, trailers -> later(request, reply, query));
      case "/fail" -> new AtEnd(reply, trailers -> fail(request, reply, query));
      case "/health" -> new AtEnd(reply, trailers -> health(reply, control));
      case "/control" -> {
        control.take(query);
        yield new AtEnd(reply, trailers -> json(200, reply, control));
      }
      default -> new AtEnd(reply, trailers -> inTime(request, reply, control.delayMillis()));
    };
  }

  static long number(Map<String, List<String>> query, String name, long otherwise) {
    List<String> values = query.get(name);
    if (values == null || !values.getFirst().matches("[0-9]{1,15}")) {
      return otherwise;
    }
    return Long.parseLong(values.getFirst());
  }

  private static void seen(int status, HttpRequest request, Reply reply) {
    AppName name = reply.name();
    StringBuilder text = new StringBuilder();
    text.append("instance %s of app %s\n".formatted(name.instance(), name.app()));
    text.append("node %s in %s\n\n".formatted(name.node(), name.region()));
    text.append("%s %s\n".formatted(request.method(), request.uri()));
    for (Map.Entry<String, String> field : request.headers()) {
      if (!field.getKey().startsWith("x-http2-")) { // Netty's own notes about the stream
        text.append("%s: %s\n".formatted(field.getKey(), field.getValue()));
      }
    }
    reply.whole(status, "text/plain", text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void health(Reply reply, Control control) {
    reply.field("x-lag", Long.toString(control.lag()));
    json(control.failing() ? 503 : 200, reply, control);
  }

  private static void json(int status, Reply reply, Control control) {
    reply.whole(status, "application/json", control.json().getBytes(StandardCharsets.UTF_8));
  }

  private static void withTrailers(Reply reply) {
    reply.head(200, "text/plain", -1);
    reply.body(Unpooled.copiedBuffer("trailers follow\n", StandardCharsets.UTF_8));
    reply.end(new DefaultHttpHeaders().set("x-after-the-body", reply.name().instance()));
  }

  private static void later(HttpRequest request, Reply reply, Map<String, List<String>> query) {
    inTime(request, reply, number(query, "ms", 100));
  }

  private static void inTime(HttpRequest request, Reply reply, long delayMillis) {
    if (delayMillis == 0) {
      seen(200, request, reply);
      return;
    }
    reply
        .channel()
        .eventLoop()
        .schedule(() -> seen(200, request, reply), delayMillis, TimeUnit.MILLISECONDS);
  }

  /// `only=ID,ID` fails at these instances, and answers at others.
  private static void fail(HttpRequest request, Reply reply, Map<String, List<String>> query) {
    String only = query.getOrDefault("only", List.of("")).getFirst();
    if (!only.isEmpty() && !List.of(only.split(",")).contains(reply.name().instance())) {
      seen(200, request, reply);
      return;
    }
    switch (query.getOrDefault("how", List.of("status")).getFirst()) {
      case "reset" -> reset(reply);
      case "truncate" -> {
        reply.head(200, "text/plain", 1000);
        reply.body(Unpooled.copiedBuffer("only this", StandardCharsets.UTF_8));
        closeSoon(reply);
      }
      case "garbage" -> {
        ByteBuf garbage = Unpooled.copiedBuffer("this is not HTTP\r\n\r\n", StandardCharsets.UTF_8);
        // Past every codec: the first handler's place writes to the socket.
        reply.channel().pipeline().firstContext().writeAndFlush(garbage);
        closeSoon(reply);
      }
      default ->
          reply.whole(
              Math.clamp(number(query, "status", 500), 200, 599),
              "text/plain",
              "failed on request\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  /// Late enough that what was written is on its way.
  private static void closeSoon(Reply reply) {
    Runnable close = () -> reply.channel().close();
    reply.channel().eventLoop().schedule(close, 50, TimeUnit.MILLISECONDS);
  }

  private static void reset(Reply reply) {
    if (reply.channel() instanceof SocketChannel socket) {
      socket.config().setSoLinger(0); // closing sends RST instead of FIN
    }
    reply.channel().close();
  }

  /// Answers when the request is whole; its body is read and dropped.
  private record AtEnd(Reply reply, Consumer<HttpHeaders> answer) implements Answer {
    @Override
    public void onBody(ByteBuf body) {}

    @Override
    public void onEnd(HttpHeaders trailers) {
      answer.accept(trailers);
    }

    @Override
    public void onWritable() {}

    @Override
    public void onGone() {}
  }

  /// Sends the body back as it comes; reads no faster than the client takes.
  private static final class Echo implements Answer {
    private final Reply reply;

    Echo(HttpRequest request, Reply reply) {
      this.reply = reply;
      String type = request.headers().get("content-type", "application/octet-stream");
      reply.head(200, type, -1);
      reply.body(Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void onBody(ByteBuf body) {
      reply.body(body.retain());
      if (!reply.channel().isWritable()) {
        reply.channel().config().setAutoRead(false);
      }
    }

    @Override
    public void onEnd(HttpHeaders trailers) {
      reply.end(trailers);
    }

    @Override
    public void onWritable() {
      reply.channel().config().setAutoRead(true);
    }

    @Override
    public void onGone() {}
  }

  /// Reads an upload and tells its digest and length.
  private static final class Digest implements Answer {
    private final Reply reply;
    private final MessageDigest digest = Pattern.newSha256();
    private long lengthBytes;

    Digest(Reply reply) {
      this.reply = reply;
    }

    @Override
    public void onBody(ByteBuf body) {
      lengthBytes += body.readableBytes();
      digest.update(body.nioBuffer());
    }

    @Override
    public void onEnd(HttpHeaders trailers) {
      String text = HexFormat.of().formatHex(digest.digest()) + " " + lengthBytes + "\n";
      reply.whole(200, "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void onWritable() {}

    @Override
    public void onGone() {}
  }

  /// Sends bytes of the [Pattern], as fast as they are taken or at `rateBytes` a second.
  private static final class Stream implements Answer {
    /// How often a rated stream sends; short enough to look steady to a person.
    private static final int TICKS_PER_SECOND = 20;

    private final Reply reply;
    private final long lengthBytes;
    private final long rateBytes;
    private final boolean tellLength;
    private final byte[] block = new byte[BLOCK_BYTES];
    private long sentBytes;
    private long allowedBytes;
    private boolean started;
    private boolean done;

    Stream(Reply reply, long lengthBytes, long rateBytes, boolean tellLength) {
      this.reply = reply;
      this.lengthBytes = lengthBytes;
      this.rateBytes = rateBytes;
      this.tellLength = tellLength;
    }

    @Override
    public void onBody(ByteBuf body) {}

    @Override
    public void onEnd(HttpHeaders trailers) {
      started = true;
      reply.head(200, "application/octet-stream", tellLength ? lengthBytes : -1);
      if (rateBytes == 0) {
        allowedBytes = lengthBytes;
        send();
      } else {
        tick();
      }
    }

    private void tick() {
      if (done) {
        return;
      }
      allowedBytes =
          Math.min(lengthBytes, allowedBytes + Math.max(1, rateBytes / TICKS_PER_SECOND));
      send();
      reply
          .channel()
          .eventLoop()
          .schedule(this::tick, 1000 / TICKS_PER_SECOND, TimeUnit.MILLISECONDS);
    }

    private void send() {
      while (!done && sentBytes < allowedBytes && reply.channel().isWritable()) {
        int length = (int) Math.min(block.length, allowedBytes - sentBytes);
        Pattern.fill(block, length, sentBytes);
        sentBytes += length;
        reply.body(reply.channel().alloc().buffer(length).writeBytes(block, 0, length));
      }
      if (!done && sentBytes == lengthBytes) {
        done = true;
        reply.end(new DefaultHttpHeaders());
      }
    }

    @Override
    public void onWritable() {
      if (started) {
        send();
      }
    }

    @Override
    public void onGone() {
      done = true;
    }
  }
}
