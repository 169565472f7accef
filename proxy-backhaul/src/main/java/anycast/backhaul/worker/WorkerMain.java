package anycast.backhaul.worker;

import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.LogEnd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker's process: `--config FILE`.
///
/// Exit code 0 after an orderly stop, 1 where something could not be had, 2 for a wrong
/// configuration.
public final class WorkerMain {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);
  private static final int FAILED = 1;
  private static final int WRONG_USE = 2;

  private WorkerMain() {}

  public static void main(String[] args) throws InterruptedException {
    if (args.length != 2 || !args[0].equals("--config")) {
      System.err.println("usage: WorkerMain --config FILE");
      System.exit(WRONG_USE);
    }
    WorkerConfig config;
    try {
      config = WorkerConfig.read(Path.of(args[1]));
    } catch (ConfigProblems e) {
      System.err.println(e.getMessage());
      System.exit(WRONG_USE);
      return;
    }
    try {
      serve(config);
    } catch (IdentityProblem | IOException | IllegalStateException e) {
      fail("worker: " + e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a fault in the worker", e);
      fail("worker: " + e);
    }
  }

  /// Not exit: the hook would take this for a stop in order.
  private static void fail(String sentence) {
    LogEnd.await();
    System.err.println(sentence);
    Runtime.getRuntime().halt(FAILED);
  }

  private static void serve(WorkerConfig config)
      throws IdentityProblem, IOException, InterruptedException {
    AtomicReference<Worker> running = new AtomicReference<>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running.get()), "stop"));
    Worker worker = Worker.start(config);
    running.set(worker);
    worker.awaitReady();
    Thread.currentThread().join();
  }

  /// On SIGTERM. The JVM would exit with 143 after its hooks; an orderly stop is a success.
  private static void stop(Worker worker) {
    if (worker != null) {
      try {
        worker.drain();
      } catch (InterruptedException e) {
        LOG.warn("drain was interrupted");
      }
      worker.close();
    }
    LogEnd.await();
    Runtime.getRuntime().halt(0);
  }
}
