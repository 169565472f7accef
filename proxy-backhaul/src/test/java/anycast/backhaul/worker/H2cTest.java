package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.ServerEvents;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.model.ServicePolicy;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Apps that speak HTTP/2 by prior knowledge.
@Timeout(60)
class H2cTest {
  @TempDir Path directory;
  private Chain chain;
  private Channel app;
  private final AtomicInteger connections = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    chain = Chain.start(directory);
    app =
        chain
            .workerLoops
            .server()
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.incrementAndGet();
                    channel
                        .pipeline()
                        .addLast(
                            H2Connection.server(
                                H2Limits.publicSide(), new EchoApp(), System::nanoTime));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    int port = ((InetSocketAddress) app.localAddress()).getPort();
    chain.runs(port, AppProtocol.H2C, 0);
  }

  @AfterEach
  void stop() throws Exception {
    app.close().sync();
    chain.close();
  }

  /// Echoes bodies, resets what asks for it.
  private static final class EchoApp implements ServerEvents {
    @Override
    public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
      switch (head.path().toString()) {
        case "/refused" -> stream.reset(H2Code.REFUSED_STREAM);
        case "/reset" -> stream.reset(H2Code.INTERNAL_ERROR);
        default -> stream.sendHead(new ResponseHead(200, Call.fields("x-app", "h2c")), end);
      }
      return new Echo(stream);
    }

    @Override
    public void onReady() {}

    @Override
    public void onGoAway(int lastStreamId, int code) {}

    @Override
    public void onClosed(Throwable cause) {}

    @Override
    public void onPong(long nanosRoundTrip) {}
  }

  private record Echo(H2Stream stream) implements StreamEvents {
    @Override
    public void onHead(ResponseHead head, boolean end) {}

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

  @Test
  void manyRequestsShareOneConnection() throws Exception {
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      calls.add(chain.get("/" + i));
    }
    for (Call call : calls) {
      assertEquals("h2c", call.head().fields().text(AsciiString.of("x-app")));
      assertEquals("", call.body());
    }
    assertEquals(1, connections.get());
  }

  @Test
  void connectionsCarryOneRequestEachWhereTheyAreCounted() throws Exception {
    ServicePolicy usual = ServicePolicy.USUAL;
    ServicePolicy policy =
        new ServicePolicy(
            ServicePolicy.Concurrency.CONNECTIONS,
            usual.spill(),
            usual.balance(),
            new ServicePolicy.Queue(0, 10),
            usual.retry(),
            usual.hedge(),
            usual.timeouts(),
            usual.checks());
    int port = ((InetSocketAddress) app.localAddress()).getPort();
    chain.runs(port, Chain.service(AppProtocol.H2C, 2, policy));
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(chain.patient(Call.get("/" + i), Duration.ofSeconds(60)));
    }
    for (Call call : calls) {
      assertEquals("", call.body());
    }
    assertEquals(5, connections.get());
    assertEquals(0, chain.workerFleet.table.current().instance(Chain.HELLO).load().inFlight());
  }

  @Test
  void bodiesAndTrailersPassBothWays() throws Exception {
    Call call = chain.call(Call.request("POST", "/", Call.fields("te", "trailers")), false);
    call.send("hello", false).sendTrailers(Call.fields("grpc-status", "0"));

    assertEquals("hello", call.body());
    assertEquals("0", call.trailers.text(AsciiString.of("grpc-status")));
  }

  @Test
  void megabytesPassBothWays() throws Exception {
    Call call = chain.call(Call.request("POST", "/", new Fields()), false);
    call.sendGenerated(4 << 20);
    call.body();

    assertEquals(4 << 20, call.received.get());
  }

  @Test
  void refusedStreamIsSafeAndResetIsNot() throws Exception {
    assertEquals(FaultKind.NOT_PROCESSED, chain.get("/refused").fault().kind());
    assertEquals(FaultKind.APP_RESET, chain.get("/reset").fault().kind());
  }

  @Test
  void appThatDoesNotListenIsSafeToRetryElsewhere() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    chain.runs(port, AppProtocol.H2C, 0);

    var fault = chain.get("/").fault();

    assertEquals(FaultKind.APP_REFUSED, fault.kind());
    assertTrue(fault.retrySafe());
  }

  @Test
  void http1AppBehindAnH2cServiceIsAnAppFault() throws Exception {
    try (RawApp http1 =
        RawApp.start(connection -> {
          connection.readHead();
          connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        })) {
      chain.runs(http1.port(), AppProtocol.H2C, 0);

      var fault = chain.get("/").fault();

      assertEquals(FaultKind.Side.APP, fault.kind().side(), fault::toString);
    }
  }
}
