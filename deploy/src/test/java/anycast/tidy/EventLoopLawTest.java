package anycast.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.tidy.ByteCode.Id;
import anycast.tidy.ByteCode.Lambda;
import anycast.tidy.ByteCode.Method;
import anycast.tidy.ByteCode.Type;
import anycast.tidy.LoopReach.Exempt;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Nothing that an event loop can reach locks, blocks or parks. One loop that waits holds up all
/// its connections, and the outage that this product answers was each loop of the fleet waiting for
/// a lock that it held itself. The compiler's output is searched, because a review overlooks what
/// is ten calls away.
final class EventLoopLawTest {
  /// Each with its reason.
  private static final List<Exempt> EXEMPT =
      List.of(
          new Exempt(
              "anycast.routing.poison.Strike.strike",
              "only with faults enabled: drills are there to show how the fleet gets over it"),
          new Exempt(
              "anycast.edge.tls.CertificateStore.load",
              "by CompletableFuture on a pool of two threads, which the store is made with"),
          new Exempt(
              "anycast.backhaul.watchdog.Guard.here",
              "once a loop, before it has a connection: gettid(2) and its clocks wait for nothing"),
          new Exempt(
              "anycast.backhaul.watchdog.Flight.<clinit>",
              "by whoever opens the process' own one, before there is a loop to write into it"),
          new Exempt(
              "anycast.backhaul.runtime.NioAdoption.of",
              "a ChannelFactory is asked by the thread that binds, at the start"),
          new Exempt(
              "anycast.backhaul.posix.Libc.close",
              "of descriptors that nobody speaks on: close(2) waits for nothing then"),
          new Exempt(
              "anycast.backhaul.posix.Libc.socket",
              "of a kind that the kernel has built in: socket(2) waits for nothing"),
          new Exempt(
              "anycast.backhaul.posix.Libc.descriptorLimit", "getrlimit(2) waits for nothing"),
          new Exempt(
              "anycast.routing.table.KeyHash.<clinit>",
              "a seed, drawn when the first table is made, which is before a loop reads one"),
          new Exempt(
              "anycast.routing.virtual.KeyedHash.<clinit>",
              "a seed, drawn when the first table is made, which is before a loop reads one"));

  /// What loops call: the engine's seams. Whoever implements one runs on a loop.
  private static final List<String> SEAMS =
      List.of(
          "anycast/backhaul/exchange/Downstream",
          "anycast/backhaul/exchange/Upstream",
          "anycast/backhaul/exchange/UpstreamEvents",
          "anycast/backhaul/exchange/Connector",
          "anycast/backhaul/exchange/ResponseEdits",
          "anycast/backhaul/exchange/ExchangeLog",
          "anycast/backhaul/link/LinkPlanner",
          "anycast/backhaul/h2/StreamEvents",
          "anycast/backhaul/h2/ConnectionEvents",
          "anycast/edge/protocol/RequestSink");

  /// Maps, strings and logs ask any object for these, and no call shows whose.
  private static final Set<String> OF_OBJECTS =
      Set.of("equals(Ljava/lang/Object;)Z", "hashCode()I", "toString()Ljava/lang/String;");

  private static final Set<String> STAGES =
      Set.of("java/util/concurrent/CompletableFuture", "java/util/concurrent/CompletionStage");

  /// Through a lambda that a constructor makes, a method that is named to a loop, a task, and many
  /// calls: if one of them is not reached, the search has a hole.
  private static final List<String> REACHED =
      List.of(
          "anycast.edge.Edge.sink",
          "anycast.backhaul.worker.AppAttempt.onAdmitted",
          "anycast.backhaul.runtime.TurnEnd.run",
          "anycast.backhaul.worker.Admission.plan",
          "anycast.routing.virtual.RuleIndex.rank",
          "anycast.routing.table.RoutingTable.current");

  private static final List<Path> PRODUCT =
      Stream.of("proxy-routing-table", "proxy-backhaul", "proxy-edge")
          .map(module -> Sources.ROOT.resolve(module).resolve("target/classes"))
          .toList();

  @Test
  void nothingOnAnEventLoopLocksBlocksOrParks() {
    ByteCode code = ByteCode.read(PRODUCT);
    LoopReach reach = new LoopReach(code, EXEMPT);
    enter(code, reach);
    List<String> found = reach.walk();
    assertTrue(
        found.isEmpty(), () -> found.size() + " on event loops\n" + String.join("\n", found));
    assertTrue(code.types().keySet().containsAll(SEAMS), "a seam has another name now");
    Set<String> reached =
        reach.reached().stream().map(Id::toString).collect(Collectors.toUnmodifiableSet());
    for (String sure : REACHED) {
      assertTrue(reached.contains(sure), () -> sure + " runs on loops and is not reached");
    }
    assertEquals(List.of(), reach.unused(), "exemptions that nothing needs");
  }

  /// The law is able to fail: each way in which a loop can come to wait, planted in a handler.
  @Test
  void findsWhatIsPlanted() {
    ByteCode code =
        ByteCode.read(List.of(Sources.ROOT.resolve("deploy/target/test-classes/anycast/tidy")));
    LoopReach reach = new LoopReach(code, List.of());
    enter(code, reach);
    String found = String.join("\n", reach.walk());
    for (String planted :
        List.of(
            "is synchronized, so it waits for whoever has the monitor:\n"
                + "      anycast.tidy.Planted$Handler.channelRead\n"
                + "   -> anycast.tidy.Planted.block",
            "calls java.util.concurrent.locks.ReentrantLock.lock, which locks:\n"
                + "      anycast.tidy.Planted$Handler.channelActive\n"
                + "   -> anycast.tidy.Planted$Locking.turn",
            "calls java.lang.Thread.join, which sleeps:\n"
                + "      anycast.tidy.Planted$Handler.lambda$",
            "calls java.util.concurrent.CompletableFuture.join, which waits for a result",
            "calls java.nio.file.Files.exists, which reads or writes a file",
            "calls io.netty.channel.ChannelFuture.sync, which waits for the loop",
            "calls java.util.concurrent.Semaphore.acquireUninterruptibly, which waits")) {
      assertTrue(found.contains(planted), () -> planted + "\nis not among\n" + found);
    }
  }

  /// Ways on which a search for calls may lose its track: class initialisers, references to methods
  /// of the JDK, objects that the JDK asks, reflection, lambdas that are kept, executors that are
  /// loops.
  @Test
  void findsWhatIsHidden() {
    ByteCode code =
        ByteCode.read(List.of(Sources.ROOT.resolve("deploy/target/test-classes/anycast/tidy")));
    LoopReach reach = new LoopReach(code, List.of());
    enter(code, reach);
    String found = String.join("\n", reach.walk());
    for (String planted :
        List.of(
            "calls java.nio.file.Files.isDirectory, which reads or writes a file or a blocking"
                + " socket:\n      anycast.tidy.Hidden$Handler.channelRead\n"
                + "   -> anycast.tidy.Hidden$Initialised.<clinit>",
            "calls java.util.concurrent.CountDownLatch.await, which waits for other threads",
            "is native, so nobody sees what it does:\n"
                + "      anycast.tidy.Hidden$Handler.channelRead\n"
                + "   -> anycast.tidy.Hidden.outside",
            "has the monitor:\n      anycast.tidy.Hidden$Told.toString",
            "   -> anycast.tidy.Hidden$Order.compare",
            "calls java.util.Map.computeIfAbsent, which locks a part of the map",
            "calls java.lang.reflect.Method.invoke, which calls what nobody can see",
            "calls java.util.concurrent.locks.LockSupport.park, which parks",
            "calls java.io.File.delete, which reads or writes a file",
            "calls java.lang.invoke.MethodHandle.invoke, which calls what nobody can see",
            "calls java.util.concurrent.TimeUnit.timedJoin, which sleeps",
            "calls java.security.SecureRandom.nextBytes, which locks")) {
      assertTrue(found.contains(planted), () -> planted + "\nis not among\n" + found);
    }
    assertFalse(found.contains("Phaser"), "given to another thread: " + found);
  }

  private static void enter(ByteCode code, LoopReach reach) {
    for (Type type : code.types().values()) {
      Set<String> above = code.above(type.name());
      for (Method method : type.methods().values()) {
        boolean anybodys = OF_OBJECTS.contains(method.id().name() + method.id().type());
        if (!method.isAbstract() && (anybodys || answers(code, above, method))) {
          reach.enter(method.id());
        }
        method.lambdas().stream().filter(EventLoopLawTest::isForLoops).forEach(reach::enter);
      }
    }
    reach.enterTasks();
  }

  /// Whether it overrides a method of Netty or of a seam.
  private static boolean answers(ByteCode code, Set<String> above, Method method) {
    Id id = method.id();
    return above.stream()
        .filter(up -> !up.equals(id.owner()))
        .anyMatch(up ->
            SEAMS.contains(up) && code.find(new Id(up, id.name(), id.type())) != null
                || up.startsWith("io/netty/") && ByteCode.declares(up, method));
  }

  /// A stage that is completed on a loop calls its followers there.
  private static boolean isForLoops(Lambda lambda) {
    boolean follows =
        lambda.taker() != null
            && STAGES.contains(lambda.taker().owner())
            && !lambda.taker().name().endsWith("Async");
    return follows || lambda.face().startsWith("io/netty/") || SEAMS.contains(lambda.face());
  }
}
