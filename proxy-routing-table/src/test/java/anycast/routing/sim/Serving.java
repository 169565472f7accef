package anycast.routing.sim;

import anycast.routing.feed.sqlite.FollowedQuery;
import anycast.routing.feed.sqlite.LineBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// One reader of a followed query, on the agent's side: a queue with an end, in front of a pipe.
///
/// In some weather it is a faulty one: it says a change twice, or two changes in the wrong order.
final class Serving implements FollowedQuery.Reader {
  /// Few, so that a reader that stalls is soon cut.
  private static final int CAPACITY_LINES = 48;

  /// A faulty agent gets one line in so many wrong.
  private static final int FAULTY_ONE_IN = 40;

  private final World world;
  private final Chance chance;
  private final Pipe pipe;
  private final Consumer<Serving> onGone;
  private final Deque<byte[]> queue = new ArrayDeque<>();
  private int openingLines;
  private boolean opened;
  private boolean finished;

  Serving(World world, Chance chance, Pipe pipe, Consumer<Serving> onGone) {
    this.world = world;
    this.chance = chance;
    this.pipe = pipe;
    this.onGone = onGone;
    pipe.agent(this::pump, () -> onGone.accept(this));
  }

  Pipe pipe() {
    return pipe;
  }

  void open(FollowedQuery.Opening opening) {
    List<byte[]> lines = new ArrayList<>();
    try {
      opening.writeTo(line -> lines.add(line.clone()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    openingLines = lines.size();
    opened = true;
    enqueue(lines);
    pump();
  }

  @Override
  public boolean offer(LineBatch batch) {
    if (finished || pipe.over()) {
      return false;
    }
    if (queue.size() - openingLines >= CAPACITY_LINES) {
      world.story.tell(() -> "a slow reader is cut");
      queue.clear();
      finish();
      return false;
    }
    enqueue(split(batch.text()));
    pump();
    return true;
  }

  private void enqueue(List<byte[]> lines) {
    if (world.weather.faultyAgent()) {
      garble(lines);
    }
    queue.addAll(lines);
  }

  private void garble(List<byte[]> lines) {
    for (int i = 0; i < lines.size(); i++) {
      if (!chance.oneIn(FAULTY_ONE_IN) || !isRow(lines.get(i))) {
        continue;
      }
      boolean next = i + 1 < lines.size() && isRow(lines.get(i + 1));
      if (next && chance.oneIn(2)) {
        byte[] line = lines.get(i);
        lines.set(i, lines.get(i + 1));
        lines.set(i + 1, line);
        world.story.tell(() -> "the agent says two lines in the wrong order");
      } else {
        lines.add(i, lines.get(i).clone());
        world.story.tell(() -> "the agent says a line twice");
        i++;
      }
    }
  }

  /// `{"row"` or `{"change"`: what frames a snapshot stays in its place, for an agent that loses
  /// rows of a snapshot unnoticed is beyond any reader's help.
  private static boolean isRow(byte[] line) {
    return line.length > 4 && (line[2] == 'r' || line[2] == 'c' && line[3] == 'h');
  }

  @Override
  public void finish() {
    finished = true;
    pump();
  }

  /// The process dies.
  void die(boolean silently) {
    finished = true;
    queue.clear();
    if (silently) {
      pipe.fallSilent();
    } else {
      pipe.endFromAgent(Pipe.How.RESET);
    }
  }

  private void pump() {
    while (!queue.isEmpty() && pipe.room()) {
      byte[] line = queue.poll();
      openingLines = Math.max(0, openingLines - 1);
      pipe.write(line);
    }
    if (opened && finished && queue.isEmpty()) {
      pipe.endFromAgent(Pipe.How.CLEAN);
    }
  }

  private static List<byte[]> split(byte[] text) {
    List<byte[]> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte b : text) {
      line.write(b);
      if (b == '\n') {
        lines.add(line.toByteArray());
        line.reset();
      }
    }
    return lines;
  }
}
