package anycast.backhaul.link;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// One value an event loop, found by the loop's own thread without a lock.
///
/// **Threading.** [#mine] on a loop's thread only, of a loop that was given to the constructor.
/// [#each] from anywhere: what the values let other threads read is theirs to say.
public final class PerLoop<T> {
  private final FastThreadLocal<T> local = new FastThreadLocal<>();
  private final List<T> values = new ArrayList<>();

  /// Makes one value for each loop and hands it over by a command.
  public PerLoop(Iterable<? extends EventLoop> loops, Function<EventLoop, T> make) {
    for (EventLoop loop : loops) {
      T value = make.apply(loop);
      values.add(value);
      loop.execute(() -> local.set(value));
    }
  }

  /// The calling loop's value.
  public T mine() {
    T value = local.get();
    if (value == null) {
      throw new IllegalStateException("not on one of this process' event loops");
    }
    return value;
  }

  /// All values.
  public List<T> each() {
    return List.copyOf(values);
  }
}
