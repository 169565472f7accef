package anycast.tidy;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLConnection;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;

/// Calls of the JDK and of libraries that make a thread wait.
final class Blocking {
  /// Calls of these types or of types below them.
  private record Kind(Class<?> type, Set<String> names, String why) {}

  private static final String LOCKS = "java/util/concurrent/locks/";

  private static final List<Kind> KINDS =
      List.of(
          new Kind(Object.class, Set.of("wait"), "waits for another thread"),
          new Kind(Thread.class, Set.of("sleep", "join"), "sleeps"),
          new Kind(
              BlockingQueue.class, Set.of("put", "take", "drainTo"), "waits for a queue, or locks"),
          new Kind(Future.class, Set.of("get", "join", "resultNow"), "waits for a result"),
          new Kind(
              io.netty.util.concurrent.Future.class,
              Set.of("sync", "syncUninterruptibly", "await", "awaitUninterruptibly", "get"),
              "waits for the loop that it runs on"),
          new Kind(CountDownLatch.class, Set.of("await"), "waits for other threads"),
          new Kind(CyclicBarrier.class, Set.of("await"), "waits for other threads"),
          new Kind(
              Phaser.class,
              Set.of("arriveAndAwaitAdvance", "awaitAdvance", "awaitAdvanceInterruptibly"),
              "waits for other threads"),
          new Kind(Exchanger.class, Set.of("exchange"), "waits for another thread"),
          new Kind(
              Semaphore.class,
              Set.of("acquire", "acquireUninterruptibly"),
              "waits for other threads"),
          new Kind(
              ExecutorService.class,
              Set.of("awaitTermination", "close", "invokeAll", "invokeAny"),
              "waits for other threads"),
          new Kind(
              ConcurrentMap.class,
              Set.of("compute", "computeIfAbsent", "computeIfPresent", "merge"),
              "locks a part of the map while it computes"),
          new Kind(Process.class, Set.of("waitFor"), "waits for a process"),
          new Kind(ProcessBuilder.class, Set.of("start"), "starts a process"),
          new Kind(HttpClient.class, Set.of("send"), "waits for a peer"),
          new Kind(
              InetAddress.class,
              Set.of(
                  "getByName",
                  "getAllByName",
                  "getLocalHost",
                  "getHostName",
                  "getCanonicalHostName",
                  "isReachable"),
              "asks DNS"),
          new Kind(InetSocketAddress.class, Set.of("getHostName"), "asks DNS"));

  /// Types whose every method and constructor is forbidden.
  private static final List<Class<?>> TYPES =
      List.of(
          FileInputStream.class,
          FileOutputStream.class,
          FileReader.class,
          FileWriter.class,
          RandomAccessFile.class,
          PrintStream.class,
          FileChannel.class,
          Files.class,
          Socket.class,
          ServerSocket.class,
          URLConnection.class);

  /// Of the JDK's first days, with a monitor around all that they do.
  private static final Set<String> OLD =
      Set.of(
          "java/lang/StringBuffer", "java/util/Vector", "java/util/Hashtable", "java/util/Timer");

  private Blocking() {}

  /// Why an event loop must not make this call; empty where it may.
  static String why(ByteCode code, ByteCode.Id call) {
    String owner = call.owner();
    if (owner.startsWith(LOCKS)) {
      return call.name().startsWith("park") ? "parks" : "locks";
    }
    if (call.name().equals("<init>")
        && call.type().equals("(Ljava/lang/String;I)V")
        && owner.equals("java/net/InetSocketAddress")) {
      return "asks DNS";
    }
    if (OLD.contains(owner)
        || owner.equals("java/util/Collections") && call.name().startsWith("synchronized")) {
      return "locks in each method";
    }
    if (owner.startsWith("java/sql/")) {
      return "asks a database";
    }
    Set<String> above = code.above(owner);
    for (Class<?> type : TYPES) {
      if (above.contains(name(type))) {
        return "reads or writes a file or a blocking socket";
      }
    }
    for (Kind kind : KINDS) {
      if (kind.names().contains(call.name())
          && above.contains(name(kind.type()))
          && (kind.type() != Object.class || isWait(call))) {
        return kind.why();
      }
    }
    boolean patient = call.type().contains("JLjava/util/concurrent/TimeUnit;");
    if (patient && above.contains(name(BlockingQueue.class))) {
      return "waits for a queue";
    }
    return "";
  }

  private static boolean isWait(ByteCode.Id call) {
    return Set.of("()V", "(J)V", "(JI)V").contains(call.type());
  }

  private static String name(Class<?> type) {
    return type.getName().replace('.', '/');
  }
}
