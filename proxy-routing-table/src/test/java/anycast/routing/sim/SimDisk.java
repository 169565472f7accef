package anycast.routing.sim;

import anycast.routing.feed.lastgood.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A directory that forgets what was not synced when the power goes, as disks do: of a file's bytes
/// a part stays, perhaps with a torn block at its end; of names that came, changed or went, some
/// did.
///
/// Power may go at any single step: the step throws [PowerLoss], and nothing after it happens.
final class SimDisk implements Disk {
  /// The power went; no code catches it but the world.
  static final class PowerLoss extends Error {
    private static final long serialVersionUID = 1L;

    PowerLoss() {
      super("power lost", null, false, false);
    }
  }

  private static final int SECTOR_BYTES = 512;
  private static final int STEPS_TO_DIE_IN = 24;

  private static final class Content {
    byte[] bytes = new byte[4096];
    int length;
    int syncedBytes;
  }

  /// One change of the directory that may not be durable yet.
  ///
  /// @param content null = the name goes
  private record Entry(String name, Content content) {}

  private final Chance chance;
  private final boolean syncsLie;
  private Map<String, Content> names = new TreeMap<>();
  private Map<String, Content> durable = new TreeMap<>();
  private final List<Entry> unsynced = new ArrayList<>();
  private int stepsToDeath = -1;
  private int stepsToFull = -1;

  SimDisk(Chance chance, boolean syncsLie) {
    this.chance = chance;
    this.syncsLie = syncsLie;
  }

  /// Power goes within the next steps.
  void dieSoon() {
    stepsToDeath = chance.below(STEPS_TO_DIE_IN);
  }

  /// The next steps find no room, from one of them on, until [#room].
  void fillSoon() {
    stepsToFull = chance.below(STEPS_TO_DIE_IN);
  }

  void room() {
    stepsToFull = -1;
  }

  /// Nothing happens to it any more.
  void mend() {
    stepsToFull = -1;
    stepsToDeath = -1;
  }

  /// The power goes: what was not synced is at the disk's mercy.
  void losePower() {
    stepsToDeath = -1;
    boolean ordered = chance.percent(75);
    int survivors = chance.below(unsynced.size() + 1);
    for (int i = 0; i < unsynced.size(); i++) {
      if (ordered ? i < survivors : chance.oneIn(2)) {
        apply(durable, unsynced.get(i));
      }
    }
    unsynced.clear();
    names = new TreeMap<>(durable);
    for (Content content : names.values()) {
      tear(content);
    }
  }

  private void tear(Content content) {
    int unsafe = content.length - content.syncedBytes;
    if (unsafe == 0) {
      return;
    }
    content.length = content.syncedBytes + chance.below(unsafe + 1);
    int torn = Math.min(content.length - content.syncedBytes, SECTOR_BYTES);
    if (torn > 0 && chance.oneIn(2)) {
      // the length reached the disk, the last block did not
      Arrays.fill(content.bytes, content.length - torn, content.length, (byte) 0);
    }
    content.syncedBytes = content.length;
  }

  private void step() throws IOException {
    if (stepsToDeath == 0) {
      throw new PowerLoss();
    }
    if (stepsToDeath > 0) {
      stepsToDeath--;
    }
    if (stepsToFull > 0) {
      stepsToFull--;
    }
  }

  private void takeRoom() throws IOException {
    step();
    if (stepsToFull == 0) {
      throw new IOException("No space left on device");
    }
  }

  private boolean lie() {
    return syncsLie && chance.oneIn(3);
  }

  @Override
  public List<String> list() throws IOException {
    step();
    return List.copyOf(names.keySet());
  }

  @Override
  public Output create(String name) throws IOException {
    takeRoom();
    Content content = new Content();
    change(new Entry(name, content));
    return new Writing(content);
  }

  @Override
  public Input open(String name) throws IOException {
    step();
    Content content = names.get(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    return new Reading(content);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    step();
    Content content = names.get(from);
    if (content == null) {
      throw new NoSuchFileException(from);
    }
    // one change of the directory: a disk that did half of it would not be worth its name
    names.remove(from);
    names.put(to, content);
    unsynced.add(new Entry(from + "\0" + to, content));
  }

  @Override
  public void delete(String name) throws IOException {
    step();
    if (names.containsKey(name)) {
      change(new Entry(name, null));
    }
  }

  @Override
  public void syncDirectory() throws IOException {
    step();
    if (!lie()) {
      unsynced.forEach(entry -> apply(durable, entry));
      unsynced.clear();
    }
  }

  private void change(Entry entry) {
    apply(names, entry);
    unsynced.add(entry);
  }

  private static void apply(Map<String, Content> to, Entry entry) {
    int both = entry.name().indexOf('\0');
    if (both >= 0) {
      to.values().remove(entry.content());
      to.put(entry.name().substring(both + 1), entry.content());
    } else if (entry.content() == null) {
      to.remove(entry.name());
    } else {
      to.put(entry.name(), entry.content());
    }
  }

  private final class Writing implements Output {
    private final Content content;

    Writing(Content content) {
      this.content = content;
    }

    @Override
    public void append(ByteBuffer from) throws IOException {
      takeRoom();
      int more = from.remaining();
      if (content.length + more > content.bytes.length) {
        content.bytes =
            Arrays.copyOf(content.bytes, Math.max(content.length + more, content.bytes.length * 2));
      }
      from.get(content.bytes, content.length, more);
      content.length += more;
    }

    @Override
    public void sync() throws IOException {
      step();
      if (!lie()) {
        content.syncedBytes = content.length;
      }
    }

    @Override
    public void close() throws IOException {
      step();
    }
  }

  private static final class Reading implements Input {
    private final Content content;
    private int position;

    Reading(Content content) {
      this.content = content;
    }

    @Override
    public long sizeBytes() {
      return content.length;
    }

    @Override
    public void read(ByteBuffer into) {
      int more = Math.min(into.remaining(), content.length - position);
      into.put(content.bytes, position, more);
      position += more;
    }

    @Override
    public void close() {}
  }
}
