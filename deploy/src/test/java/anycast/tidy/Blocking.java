package anycast.tidy;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;
import java.lang.ref.ReferenceQueue;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLConnection;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.stream.BaseStream;

/// Calls of the JDK and of libraries that make a thread wait.
final class Blocking {
  /// Calls of these types or of types below them.
  private record Kind(Class<?> type, Set<String> names, String why) {}

  private static final String LOCKS = "java/util/concurrent/locks/";

  /// A map of this type computes under a lock, also where it is called a `Map`.
  static final String SHARED_MAP = "java/util/concurrent/ConcurrentHashMap";

  static final String COMPUTES = "locks a part of the map while it computes";

  private static final Set<String> COMPUTING =
      Set.of("compute", "computeIfAbsent", "computeIfPresent", "merge");

  private static final String HIDDEN = "calls what nobody can see here";

  private static final List<Kind> KINDS =
      List.of(
          new Kind(Object.class, Set.of("wait"), "waits for another thread"),
          new Kind(Thread.class, Set.of("sleep", "join"), "sleeps"),
          new Kind(TimeUnit.class, Set.of("sleep", "timedWait", "timedJoin"), "sleeps"),
          new Kind(ReferenceQueue.class, Set.of("remove"), "waits for a collection"),
          new Kind(
              ByteBuffer.class,
              Set.of("allocateDirect"),
              "waits for a collection where none is left"),
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
          new Kind(ForkJoinPool.class, Set.of("invoke"), "waits for other threads"),
          new Kind(ForkJoinTask.class, Set.of("invoke"), "waits for other threads"),
          new Kind(BaseStream.class, Set.of("parallel"), "waits for other threads"),
          new Kind(Collection.class, Set.of("parallelStream"), "waits for other threads"),
          new Kind(ConcurrentMap.class, COMPUTING, COMPUTES),
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
          new Kind(InetSocketAddress.class, Set.of("getHostName"), "asks DNS"),
          new Kind(URL.class, Set.of("openStream", "openConnection", "getContent"), "asks a peer"),
          new Kind(UUID.class, Set.of("randomUUID"), "locks"),
          new Kind(System.class, Set.of("exit", "gc"), "stops all"),
          new Kind(Runtime.class, Set.of("exit", "halt", "exec", "gc"), "stops all"),
          new Kind(System.class, Set.of("load", "loadLibrary"), "reads a file"),
          new Kind(Class.class, Set.of("forName"), "reads a file"),
          new Kind(ServiceLoader.class, Set.of("load", "loadInstalled"), "reads files"),
          new Kind(Method.class, Set.of("invoke"), HIDDEN),
          new Kind(Constructor.class, Set.of("newInstance"), HIDDEN),
          new Kind(Proxy.class, Set.of("newProxyInstance"), HIDDEN),
          new Kind(
              MethodHandle.class, Set.of("invoke", "invokeExact", "invokeWithArguments"), HIDDEN));

  /// Types whose every method and constructor is forbidden.
  private static final List<Class<?>> TYPES =
      List.of(
          FileInputStream.class,
          FileOutputStream.class,
          FileReader.class,
          FileWriter.class,
          RandomAccessFile.class,
          PrintStream.class,
          File.class,
          FileChannel.class,
          Files.class,
          Socket.class,
          ServerSocket.class,
          SelectableChannel.class,
          Selector.class,
          URLConnection.class);

  /// Types whose every method takes a lock.
  private static final List<Class<?>> LOCKING =
      List.of(BlockingQueue.class, SecureRandom.class, SubmissionPublisher.class);

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
    for (Class<?> type : LOCKING) {
      if (above.contains(name(type))) {
        return "locks, or waits";
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
    return patient && above.contains(name(Semaphore.class)) ? "waits for other threads" : "";
  }

  /// Whether it is a call that a map which is shared makes under a lock.
  static boolean isComputing(ByteCode.Id call) {
    return call.owner().equals("java/util/Map") && COMPUTING.contains(call.name());
  }

  private static boolean isWait(ByteCode.Id call) {
    return Set.of("()V", "(J)V", "(JI)V").contains(call.type());
  }

  private static String name(Class<?> type) {
    return type.getName().replace('.', '/');
  }
}
