package anycast.routing.sim;

import anycast.routing.feed.FeedId;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.corrosion.Answer;
import anycast.routing.feed.corrosion.Ending;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.corrosion.StreamMachine;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/// What a thread and a socket are to a [StreamMachine] in the product: opens what it wants opened,
/// gives it what arrives, and hangs up.
final class Seat {
  private static final Duration STICKINESS = Duration.ofSeconds(30);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  /// An agent that owes rows and is silent so long is hung up on.
  private static final Duration OWED_TIMEOUT = Duration.ofSeconds(15);

  private final World world;
  private final SimEdge edge;
  private final FeedId feed;
  private final StreamMachine machine;

  /// Grows with each step, so that what belongs to an earlier one is not heard.
  private long turn;

  private Pipe pipe;
  private URI agent;
  private boolean answered;
  private boolean walking;
  private long heardNanos;

  /// Whether what is opened next goes on where nothing failed.
  private boolean renewing;

  Seat(World world, SimEdge edge, FeedId feed, List<URI> agents) {
    this.world = world;
    this.edge = edge;
    this.feed = feed;
    this.machine =
        new StreamMachine(
            feed.table(),
            Statement.of(feed.table().select()),
            agents,
            STICKINESS,
            world.chance.split().random(),
            this::offer);
  }

  private void offer(SourceEvent event) {
    edge.offer(feed, event);
  }

  Pipe pipe() {
    return pipe;
  }

  /// Whom it asks, or asked last; null before the first time.
  URI agent() {
    return agent;
  }

  /// Asks the machine what to do, and does it.
  void walk() {
    turn++;
    pipe = null;
    answered = false;
    switch (machine.next(world.agenda.nanos())) {
      case StreamMachine.Step.Wait(long nanos) -> {
        long mine = turn;
        world.agenda.in(
            nanos,
            () -> {
              if (mine == turn && edge.alive()) {
                walk();
              }
            });
      }
      case StreamMachine.Step.Open(URI to, StreamMachine.Request request) -> open(to, request);
    }
  }

  private void open(URI to, StreamMachine.Request request) {
    world.story.tell(() -> feed + " opens " + to + " " + request);
    edge.opening(feed, renewing);
    renewing = false;
    agent = to;
    long mine = turn;
    Pipe opened = new Pipe(world.agenda, world.chance, new Arrivals(mine));
    pipe = opened;
    world.network.request(
        to,
        request,
        opened,
        answer -> {
          if (mine == turn && edge.alive()) {
            onAnswer(answer);
          } else {
            opened.close();
          }
        });
    world.agenda.in(
        ANSWER_TIMEOUT,
        () -> {
          if (mine == turn && !answered && edge.alive()) {
            end(new Ending.Broken("no answer in time"));
          }
        });
  }

  /// @param answer null = no connection
  private void onAnswer(Answer answer) {
    if (answer == null) {
      end(new Ending.Broken("cannot connect"));
      return;
    }
    answered = true;
    heardNanos = world.agenda.nanos();
    if (!call(() -> machine.onAnswer(answer, world.agenda.nanos()))) {
      hangUp();
      walk();
      return;
    }
    watch();
    pipe.resume();
  }

  /// Looks now and then whether something should have come: what is waited for changes with each
  /// line.
  private void watch() {
    long patience = machine.patienceNanos(OWED_TIMEOUT, StreamMachine.QUIET);
    long left = patience - (world.agenda.nanos() - heardNanos);
    if (left <= 0) {
      renewing = !machine.owed();
      end(new Ending.Quiet("silent for too long"));
      return;
    }
    long mine = turn;
    world.agenda.in(
        Math.min(left, OWED_TIMEOUT.toNanos()),
        () -> {
          if (mine == turn && edge.alive()) {
            watch();
          }
        });
  }

  void resnapshot() {
    machine.resnapshot();
    endAsked("a new snapshot was asked for");
  }

  void reopen() {
    if (pipe != null) {
      endAsked("silent");
    }
  }

  private void endAsked(String why) {
    if (pipe != null) {
      end(new Ending.Asked(why));
    } else {
      walk();
    }
  }

  private void end(Ending how) {
    hangUp();
    call(() -> {
      machine.onEnd(how, world.agenda.nanos());
      return true;
    });
    walk();
  }

  private void hangUp() {
    turn++;
    if (pipe != null) {
      pipe.close();
      pipe = null;
    }
  }

  private interface Call {
    boolean run() throws InterruptedException;
  }

  private static boolean call(Call call) {
    try {
      return call.run();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Arrivals implements Pipe.Receiver {
    private final long mine;

    Arrivals(long mine) {
      this.mine = mine;
    }

    private boolean current() {
      return mine == turn && edge.alive();
    }

    @Override
    public boolean ready() {
      return !current() || answered && edge.hasRoom();
    }

    @Override
    public void bytes(byte[] bytes, int start, int length) {
      if (!current()) {
        return;
      }
      heardNanos = world.agenda.nanos();
      if (!call(() -> machine.onBytes(bytes, start, length, world.agenda.nanos()))) {
        hangUp();
        walk();
      }
    }

    @Override
    public void end(Pipe.How how) {
      if (!current()) {
        return;
      }
      Seat.this.end(
          switch (how) {
            case CLEAN -> new Ending.Clean();
            case RESET -> new Ending.Broken("connection reset");
          });
    }
  }
}
