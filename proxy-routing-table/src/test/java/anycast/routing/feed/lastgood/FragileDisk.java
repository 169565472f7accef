package anycast.routing.feed.lastgood;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A disk in memory that loses power, or refuses, at a step that the test chooses, and then shows
/// any state that a real one may show.
public final class FragileDisk implements Disk {
  /// The process is no more: nothing catches it.
  public static final class PowerLoss extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final int SECTOR_BYTES = 512;

  private static final class Content {
    private byte[] bytes = {};
    private int synced;
  }

  /// A change of the directory that is not durable yet; `from` or `to` is null where a name came or
  /// went.
  private record Move(String from, String to, Content content) {}

  /// What a disk may do with bytes that were not synced.
  public enum Tear {
    NOTHING_ARRIVED,
    HALF_ARRIVED,
    ALL_BUT_A_SECTOR_ARRIVED,
    ALL_ARRIVED
  }

  private final Map<String, Content> names = new TreeMap<>();
  private final Map<String, Content> durable = new TreeMap<>();
  private final List<Move> moves = new ArrayList<>();
  private int stepsLeft = Integer.MAX_VALUE;
  private String refusal;
  private int steps;

  /// From the step after `after` more on, the power is gone.
  public FragileDisk loseAfter(int after) {
    stepsLeft = after;
    refusal = null;
    return this;
  }

  /// From the step after `after` more on, all that changes the disk fails.
  public FragileDisk refuseAfter(int after, String reason) {
    stepsLeft = after;
    refusal = reason;
    return this;
  }

  public FragileDisk healed() {
    stepsLeft = Integer.MAX_VALUE;
    refusal = null;
    return this;
  }

  public int steps() {
    return steps;
  }

  /// How many changes of the directory hang in the air.
  public int unsyncedMoves() {
    return moves.size();
  }

  /// The disk after the power came back.
  ///
  /// @param survivors bit `i` = change `i` of the directory became durable all the same, whatever
  ///   came before it
  public FragileDisk after(int survivors, Tear tear) {
    FragileDisk later = new FragileDisk();
    Map<String, Content> left = new TreeMap<>(durable);
    for (int i = 0; i < moves.size(); i++) {
      if ((survivors >> i & 1) != 0) {
        apply(left, moves.get(i));
      }
    }
    left.forEach((name, content) -> {
      Content torn = torn(content, tear);
      later.names.put(name, torn);
      later.durable.put(name, torn);
    });
    return later;
  }

  private static Content torn(Content content, Tear tear) {
    int unsafe = content.bytes.length - content.synced;
    Content torn = new Content();
    torn.bytes =
        switch (tear) {
          case NOTHING_ARRIVED -> Arrays.copyOf(content.bytes, content.synced);
          case HALF_ARRIVED -> Arrays.copyOf(content.bytes, content.synced + unsafe / 2);
          case ALL_BUT_A_SECTOR_ARRIVED -> {
            byte[] bytes = content.bytes.clone();
            int from = Math.max(content.synced, bytes.length - SECTOR_BYTES);
            Arrays.fill(bytes, from, bytes.length, (byte) 0);
            yield bytes;
          }
          case ALL_ARRIVED -> content.bytes.clone();
        };
    torn.synced = torn.bytes.length;
    return torn;
  }

  public byte[] bytes(String name) {
    return names.get(name).bytes.clone();
  }

  public void put(String name, byte[] bytes) {
    Content content = new Content();
    content.bytes = bytes.clone();
    content.synced = bytes.length;
    names.put(name, content);
    durable.put(name, content);
  }

  private void step() throws IOException {
    steps++;
    if (stepsLeft-- <= 0) {
      stepsLeft = 0;
      if (refusal == null) {
        throw new PowerLoss();
      }
      throw new IOException(refusal);
    }
  }

  private void change(Move move) {
    apply(names, move);
    moves.add(move);
  }

  private static void apply(Map<String, Content> to, Move move) {
    if (move.from() != null && to.get(move.from()) == move.content()) {
      to.remove(move.from());
    }
    if (move.to() != null) {
      to.put(move.to(), move.content());
    }
  }

  @Override
  public List<String> list() {
    return List.copyOf(names.keySet());
  }

  @Override
  public Output create(String name) throws IOException {
    step();
    Content content = new Content();
    change(new Move(null, name, content));
    return new Output() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        step();
        int before = content.bytes.length;
        int more = bytes.remaining();
        content.bytes = Arrays.copyOf(content.bytes, before + more);
        bytes.get(content.bytes, before, more);
      }

      @Override
      public void sync() throws IOException {
        step();
        content.synced = content.bytes.length;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Input open(String name) throws IOException {
    Content content = names.get(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    ByteBuffer rest = ByteBuffer.wrap(content.bytes);
    return new Input() {
      @Override
      public long sizeBytes() {
        return content.bytes.length;
      }

      @Override
      public void read(ByteBuffer into) {
        int more = Math.min(into.remaining(), rest.remaining());
        into.put(into.position(), rest, rest.position(), more);
        into.position(into.position() + more);
        rest.position(rest.position() + more);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void rename(String from, String to) throws IOException {
    step();
    Content content = names.get(from);
    if (content == null) {
      throw new NoSuchFileException(from);
    }
    change(new Move(from, to, content));
  }

  @Override
  public void delete(String name) throws IOException {
    step();
    Content content = names.get(name);
    if (content != null) {
      change(new Move(name, null, content));
    }
  }

  @Override
  public void syncDirectory() throws IOException {
    step();
    moves.forEach(move -> apply(durable, move));
    moves.clear();
  }
}
