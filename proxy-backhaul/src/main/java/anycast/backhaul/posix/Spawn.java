package anycast.backhaul.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Starts a process that inherits chosen descriptors: posix_spawn(3).
///
/// `ProcessBuilder` closes all descriptors above 2 in its children. Here the chosen ones become 3,
/// 4 … in their order, and the rest is closed in the child (the JVM's own sockets do not close on
/// exec). The child leads a process group of its own, so that a Ctrl-C meant for its parent does
/// not reach it and all that it starts can be signalled. Its signals are as at boot: a JVM blocks
/// and catches some of them, which children would inherit.
///
/// @param program an absolute path
/// @param arguments all of them, from `argv[0]` on
/// @param environment nothing else is inherited
/// @param directory that it starts in
/// @param output appended to by its standard output and error; made where it is missing
/// @param inherited descriptors of this process
public record Spawn(
    Path program,
    List<String> arguments,
    Map<String, String> environment,
    Path directory,
    Path output,
    List<Integer> inherited) {
  /// Of the first inherited one, sd_listen_fds(3).
  public static final int FIRST_FD = 3;

  /// glibc's `posix_spawnattr_t` has 336 bytes and its file actions 80, on both machines.
  private static final int OPAQUE_BYTES = 512;

  private static final int SIGSET_BYTES = 128;
  private static final short SETPGROUP = 2;
  private static final short SETSIGDEF = 4;
  private static final short SETSIGMASK = 8;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_APPEND = 0x400;
  private static final int OWNER_WRITES_GROUP_READS = 0640;

  private static final NativeCall SPAWN =
      call("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final NativeCall ATTRIBUTES = call("posix_spawnattr_init", ADDRESS);
  private static final NativeCall FLAGS = call("posix_spawnattr_setflags", ADDRESS, JAVA_SHORT);
  private static final NativeCall GROUP = call("posix_spawnattr_setpgroup", ADDRESS, JAVA_INT);
  private static final NativeCall MASK = call("posix_spawnattr_setsigmask", ADDRESS, ADDRESS);
  private static final NativeCall RESET = call("posix_spawnattr_setsigdefault", ADDRESS, ADDRESS);
  private static final NativeCall ATTRIBUTES_END = call("posix_spawnattr_destroy", ADDRESS);
  private static final NativeCall ACTIONS = call("posix_spawn_file_actions_init", ADDRESS);
  private static final NativeCall OPEN =
      call("posix_spawn_file_actions_addopen", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final NativeCall DUP =
      call("posix_spawn_file_actions_adddup2", ADDRESS, JAVA_INT, JAVA_INT);
  private static final NativeCall CHDIR =
      call("posix_spawn_file_actions_addchdir_np", ADDRESS, ADDRESS);
  private static final NativeCall CLOSE_FROM =
      call("posix_spawn_file_actions_addclosefrom_np", ADDRESS, JAVA_INT);
  private static final NativeCall ACTIONS_END = call("posix_spawn_file_actions_destroy", ADDRESS);
  private static final NativeCall SIGFILLSET = NativeCall.ofInt("sigfillset", ADDRESS);
  private static final NativeCall SIGEMPTYSET = NativeCall.ofInt("sigemptyset", ADDRESS);

  /// Copies what it is given.
  public Spawn {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    inherited = List.copyOf(inherited);
  }

  /// Starts it.
  ///
  /// @throws PosixException where no process could be made, or the program, the directory or the
  ///   output cannot be used: posix_spawn(3) does not say which
  public Child start() throws PosixException {
    List<Integer> kept = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      int free = FIRST_FD + inherited.size();
      for (int fd : inherited) {
        // above all targets, so that none is overwritten before its turn
        kept.add(Libc.duplicate(fd, free));
      }
      MemorySegment attributes = ATTRIBUTES.filled(OPAQUE_BYTES, arena, ATTRIBUTES_END);
      attributes(attributes, arena);
      MemorySegment actions = ACTIONS.filled(OPAQUE_BYTES, arena, ACTIONS_END);
      actions(actions, kept, arena);
      MemorySegment pid = arena.allocate(JAVA_INT);
      SPAWN.callForError(
          pid,
          arena.allocateFrom(program.toString()),
          actions,
          attributes,
          texts(arguments, arena),
          texts(
              environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList(),
              arena));
      return new Child(pid.get(JAVA_INT, 0));
    } finally {
      kept.forEach(Libc::close);
    }
  }

  private static void attributes(MemorySegment attributes, Arena arena) throws PosixException {
    FLAGS.callForError(attributes, (short) (SETPGROUP | SETSIGDEF | SETSIGMASK));
    GROUP.callForError(attributes, 0);
    MemorySegment signals = arena.allocate(SIGSET_BYTES, Long.BYTES);
    SIGEMPTYSET.call(signals);
    MASK.callForError(attributes, signals);
    SIGFILLSET.call(signals);
    RESET.callForError(attributes, signals);
  }

  private void actions(MemorySegment actions, List<Integer> kept, Arena arena)
      throws PosixException {
    OPEN.callForError(actions, 0, arena.allocateFrom("/dev/null"), 0, 0);
    OPEN.callForError(
        actions,
        1,
        arena.allocateFrom(output.toString()),
        O_WRONLY | O_CREAT | O_APPEND,
        OWNER_WRITES_GROUP_READS);
    DUP.callForError(actions, 1, 2);
    for (int i = 0; i < kept.size(); i++) {
      DUP.callForError(actions, kept.get(i), FIRST_FD + i);
    }
    CLOSE_FROM.callForError(actions, FIRST_FD + kept.size());
    CHDIR.callForError(actions, arena.allocateFrom(directory.toString()));
  }

  /// `char *[]` with a null behind the last.
  private static MemorySegment texts(List<String> texts, Arena arena) {
    MemorySegment pointers = arena.allocate(ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    pointers.setAtIndex(ADDRESS, texts.size(), MemorySegment.NULL);
    return pointers;
  }

  private static NativeCall call(String name, MemoryLayout... arguments) {
    return NativeCall.ofInt(name, arguments);
  }
}
