package anycast.backhaul.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A client that asks on and on, and reads nothing.
class UnreadTest {
  private static final int REQUESTS = 20_000;

  private static final class LongHeads extends Echo {
    @Override
    public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
      StreamEvents user = super.onRequest(new Deaf(stream), head, end);
      Fields fields = new Fields();
      fields.add("x-long", "v".repeat(4000));
      stream.sendHead(new ResponseHead(200, fields), true);
      return user;
    }
  }

  /// Keeps the echo from answering, too.
  private record Deaf(H2Stream stream) implements H2Stream {
    @Override
    public int id() {
      return stream.id();
    }

    @Override
    public void sendHead(ResponseHead head, boolean end) {}

    @Override
    public void sendData(io.netty.buffer.ByteBuf data, boolean end) {
      data.release();
    }

    @Override
    public void sendTrailers(Fields trailers) {}

    @Override
    public void reset(int errorCode) {}

    @Override
    public void consumed(int bytes) {}

    @Override
    public void widenWindow(int bytes) {}
  }

  @Test
  void stopsReadingAClientThatDoesNotReadAndGoesOnWhenItDoes() throws Exception {
    CompletableFuture<H2Connection> accepted = new CompletableFuture<>();
    try (Loopback server =
            new Loopback(() -> {
              H2Connection connection =
                  H2Connection.server(H2Limits.publicSide(), new LongHeads(), Ticker.system());
              accepted.complete(connection);
              return connection;
            });
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      Thread writer = Thread.ofVirtual().start(() -> write(socket));
      H2Connection connection = accepted.get(20, TimeUnit.SECONDS);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      long most = 0;
      boolean paused = false;
      while (!paused && System.nanoTime() < deadline) {
        paused = !server.call(connection, channel -> channel.config().isAutoRead());
        most = Math.max(most, server.call(connection, c -> c.bytesBeforeWritable()));
      }
      assertTrue(paused, "still reads");
      // A read's worth of requests may have been answered before the pause.
      assertTrue(most < 16 << 20, most + " bytes wait");
      assertEquals(REQUESTS, readHeads(socket));
      assertTrue(writer.join(java.time.Duration.ofSeconds(20)));
    }
  }

  private static void write(Socket socket) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(RawPeer.PREFACE);
      out.write(RawPeer.encode(RawPeer.SETTINGS, 0, 0));
      byte[] block = RawPeer.block(RawPeer.request());
      for (int i = 0; i < REQUESTS; i += 10) {
        ByteArrayOutputStream some = new ByteArrayOutputStream();
        for (int j = i; j < i + 10; j++) {
          some.writeBytes(RawPeer.encode(RawPeer.HEADERS, 5, 2 * j + 1, block));
        }
        out.write(some.toByteArray());
      }
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static int readHeads(Socket socket) throws Exception {
    socket.setSoTimeout(20_000);
    DataInputStream in =
        new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
    int heads = 0;
    while (heads < REQUESTS) {
      int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
      int type = in.readUnsignedByte();
      in.skipNBytes(5 + length);
      heads += type == RawPeer.HEADERS ? 1 : 0;
    }
    return heads;
  }
}
