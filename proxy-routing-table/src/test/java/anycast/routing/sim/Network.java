package anycast.routing.sim;

import anycast.routing.feed.corrosion.Answer;
import anycast.routing.feed.corrosion.StreamMachine;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// What lies between the edge and its agents.
final class Network {
  private static final Duration LEAST_LATENCY = Duration.ofNanos(300_000);
  private static final Duration MOST_LATENCY = Duration.ofMillis(120);

  private final World world;
  private final Map<URI, SimAgent> agents = new HashMap<>();
  private final Set<URI> partitioned = new HashSet<>();
  private final List<Runnable> waiting = new ArrayList<>();
  private final Map<URI, List<Pipe>> held = new HashMap<>();

  Network(World world, List<SimAgent> agents) {
    this.world = world;
    agents.forEach(agent -> this.agents.put(agent.uri, agent));
  }

  /// Carries a request there and the head of the answer back; what the body says goes through the
  /// pipe.
  ///
  /// @param then told the answer, or null where nobody listens; not told at all where packets are
  ///   lost
  void request(URI to, StreamMachine.Request request, Pipe pipe, Consumer<Answer> then) {
    crossing(
        to,
        () -> {
          SimAgent agent = agents.get(to);
          Answer answer = agent.up() && !pipe.over() ? agent.open(request, pipe) : null;
          if (pipe.over()) {
            return;
          }
          // The head comes before the body: a pipe is not read before its answer is there.
          crossing(to, () -> then.accept(answer));
        });
  }

  /// Happens on the other side, when a packet gets there.
  void crossing(URI agent, Runnable then) {
    if (partitioned.contains(agent)) {
      waiting.add(() -> crossing(agent, then));
    } else {
      world.agenda.in(world.chance.skewedNanos(LEAST_LATENCY, MOST_LATENCY), then);
    }
  }

  boolean reachable(URI agent) {
    return !partitioned.contains(agent);
  }

  void partition(SimAgent agent) {
    if (partitioned.add(agent.uri)) {
      List<Pipe> pipes = agent.servings().stream().map(Serving::pipe).toList();
      pipes.forEach(Pipe::hold);
      held.put(agent.uri, pipes);
    }
  }

  /// @param resets whether connections did not survive
  void heal(SimAgent agent, boolean resets) {
    if (!partitioned.remove(agent.uri)) {
      return;
    }
    for (Pipe pipe : held.remove(agent.uri)) {
      if (resets) {
        pipe.reset();
      } else {
        pipe.release();
      }
    }
    List<Runnable> late = List.copyOf(waiting);
    waiting.clear();
    late.forEach(Runnable::run);
  }
}
