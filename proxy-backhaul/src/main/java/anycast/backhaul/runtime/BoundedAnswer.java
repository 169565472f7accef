package anycast.backhaul.runtime;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An answer that runs code of the data path, which may hang on what an operator wants to know:
/// each has a thread of its own, and who asks is told when it takes too long.
///
/// **Threading.** Admin threads. **Limits.** [#MOST] at a time, those that do not end among them:
/// one admin thread always answers other questions.
public final class BoundedAnswer implements AdminAnswer {
  static final int MOST = AdminServer.ANSWER_THREADS - 1;

  private final String name;
  private final AdminAnswer answer;
  private final Duration limit;
  private final Semaphore turns = new Semaphore(MOST);

  /// @param name what it does, in one word
  public BoundedAnswer(String name, AdminAnswer answer, Duration limit) {
    this.name = name;
    this.answer = answer;
    this.limit = limit;
  }

  @Override
  public Object answer(Map<String, String> query) throws Exception {
    if (!turns.tryAcquire()) {
      throw new Unavailable(MOST + " questions to " + name + " are under way or do not end");
    }
    FutureTask<Object> task =
        new FutureTask<>(() -> {
          try {
            return answer.answer(query);
          } finally {
            turns.release();
          }
        });
    Thread.ofPlatform().daemon().name("admin-" + name).start(task);
    try {
      return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      throw new Unavailable(name + " takes too long: given up after " + limit.toMillis() + " ms");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception cause -> throw cause;
        case Error cause -> throw cause;
        case Throwable cause -> throw new IllegalStateException(cause);
      }
    }
  }
}
