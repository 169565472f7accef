package anycast.backhaul.watchdog;

import anycast.backhaul.link.OffLoopResolver;
import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import anycast.routing.admission.AdmissionLimits;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Ledger;
import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.VirtualService;
import anycast.routing.table.Change;
import anycast.routing.time.Ticker;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A process that greets each client with a byte and keeps it, and does what its admin socket
/// `a.sock` says:
///
/// - `/short`: connections that found no descriptor, so far
/// - `/work`: writes a dump and begins a journal, and says what became of them
/// - `/hog`, `/free`: takes all descriptors that are left, and gives them back
/// - `/dial`: connects to itself, and says on which thread it heard of that
///
/// Arguments: transport, directory. Prints its port; ends with its standard input.
final class DescriptorsMain {
  private final Path directory;
  private final EventLoops loops;
  private final Counters counters;
  private final Channel listener;
  private final List<FileChannel> hogged = Collections.synchronizedList(new ArrayList<>());

  private DescriptorsMain(Transport transport, Path directory) throws InterruptedException {
    this.directory = directory;
    this.loops = EventLoops.start("loop", transport, 2);
    this.counters = new Counters(loops.loops());
    loops.descriptors().countIn(counters.shared());
    this.listener =
        loops
            .server()
            .childHandler(new Greeting())
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
  }

  public static void main(String[] arguments) throws Exception {
    DescriptorsMain main =
        new DescriptorsMain(Transport.valueOf(arguments[0]), Path.of(arguments[1]));
    AdminServer.start(main.directory.resolve("a.sock"), main.pages());
    System.out.println(main.port());
    int end = System.in.read();
    System.exit(end < 0 ? 0 : 1);
  }

  private int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  private Map<String, AdminAnswer> pages() {
    return Map.of(
        "/short",
        _ -> Map.of("short", counters.sum(Counter.DESCRIPTORS_SHORT)),
        "/work",
        _ -> Map.of("dumps", dumped(), "journal", journaled()),
        "/hog",
        _ -> Map.of("hogged", hog()),
        "/free",
        _ -> {
          for (FileChannel each : hogged) {
            each.close();
          }
          return Map.of();
        },
        "/dial",
        _ -> Map.of("heard", dialled()));
  }

  private long dumped() throws IOException {
    Flight flight =
        Flight.open(Optional.empty(), "test", 1, Ticker.system(), InstantSource.system());
    Path dumps = directory.resolve("dumps");
    new Dumps(dumps, "test", flight, LastLines.listen(), InstantSource.system())
        .write(new Watched[] {FakeThread.loop(0).watched}, 0);
    try (Stream<Path> files = Files.list(dumps)) {
      return files.count();
    }
  }

  private String journaled() throws IOException {
    Moment now = new Moment(1, 1);
    VirtualService some = new VirtualService("some", "hosts: [a.test]", 1);
    List<Entity> befores = new ArrayList<>();
    befores.add(null);
    try (DirectoryDisk disk = DirectoryDisk.open(directory.resolve("journal"));
        Ledger ledger =
            Ledger.open(disk, LastEnd.NONE, AdmissionLimits.STANDARD, new NodeId("n"), now)) {
      ledger.intent(List.of(new Change.Put(some)), befores, now);
      ledger.onBeat(true, now);
      return ledger.view().journalFailures() + " failures " + ledger.view().journal();
    }
  }

  private int hog() {
    try {
      while (hogged.size() < 100_000) {
        hogged.add(FileChannel.open(Path.of("/dev/null")));
      }
    } catch (IOException e) {
      return hogged.size();
    }
    throw new IllegalStateException("this process has no limit");
  }

  private String dialled() throws Exception {
    EventLoop loop = loops.loops().getFirst();
    CompletableFuture<String> heard = new CompletableFuture<>();
    loop.execute(() ->
        OffLoopResolver.connect(
                OffLoopResolver.client(loops, loop, 10_000)
                    .handler(new ChannelInboundHandlerAdapter()),
                loop,
                "127.0.0.1",
                port())
            .addListener(done -> heard.complete(done.isSuccess() + " " + loop.inEventLoop())));
    return heard.get(30, TimeUnit.SECONDS);
  }

  @Sharable
  private static final class Greeting extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII));
    }
  }
}
