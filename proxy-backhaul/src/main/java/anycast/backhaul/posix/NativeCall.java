package anycast.backhaul.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// One function of libc, with what it answers: -1 and `errno`, or an error number itself.
///
/// Found on first use, not on loading: a host whose libc lacks one function can still use the rest.
///
/// **Threading.** Any thread; `errno` is kept for each thread on its own.
@SuppressWarnings("restricted") // the one place that leaves Java
final class NativeCall {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_FIELD =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> CAPTURED =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"),
          FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

  /// Longest sentence of strerror(3) in any language that glibc has.
  private static final int MAX_TEXT_BYTES = 256;

  private final String name;
  private final FunctionDescriptor shape;
  private final Linker.Option[] options;
  private volatile MethodHandle handle;

  private NativeCall(String name, FunctionDescriptor shape, Linker.Option... options) {
    this.name = name;
    this.shape = shape;
    this.options = options;
  }

  /// The same function, whose arguments from `index` on stand for `...` in C.
  NativeCall variadicFrom(int index) {
    return new NativeCall(name, shape, ERRNO, Linker.Option.firstVariadicArg(index));
  }

  /// A function that answers an `int`.
  static NativeCall ofInt(String name, MemoryLayout... arguments) {
    return new NativeCall(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments), ERRNO);
  }

  /// A function that answers a `ssize_t`.
  static NativeCall ofSize(String name, MemoryLayout... arguments) {
    return new NativeCall(name, FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments), ERRNO);
  }

  /// Calls again where a signal came in between, as the JVM's own do.
  ///
  /// @return at least 0
  /// @throws PosixException where it answers -1
  long call(Object... arguments) throws PosixException {
    while (true) {
      long answer = invoke(arguments);
      if (answer != -1) {
        return answer;
      }
      int errno = (int) ERRNO_FIELD.get(CAPTURED.get(), 0L);
      if (errno != Errno.EINTR) {
        throw new PosixException(name, errno, text(errno));
      }
    }
  }

  /// Calls a function that answers 0 or an error number, like the `posix_` ones.
  void callForError(Object... arguments) throws PosixException {
    int errno = (int) invoke(arguments);
    if (errno != 0) {
      throw new PosixException(name, errno, text(errno));
    }
  }

  /// Calls without looking at the answer.
  long invoke(Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = CAPTURED.get();
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    try {
      return ((Number) handle().invokeWithArguments(all)).longValue();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall throws nothing checked", e);
    }
  }

  /// Memory that this function fills and another one gives back, before the arena does.
  MemorySegment filled(int bytes, Arena arena, NativeCall end) throws PosixException {
    MemorySegment memory = arena.allocate(bytes, Long.BYTES);
    callForError(memory);
    return memory.reinterpret(arena, gone -> end.invoke(gone));
  }

  private MethodHandle handle() {
    MethodHandle found = handle;
    if (found == null) {
      MemorySegment address =
          LINKER
              .defaultLookup()
              .find(name)
              .orElseThrow(() ->
                  new UnsupportedOperationException(
                      "this libc has no " + name + ": glibc 2.34 or newer is wanted"));
      found = LINKER.downcallHandle(address, shape, options);
      handle = found;
    }
    return found;
  }

  /// A handle for a call site that must not allocate, and does not ask why it failed.
  static MethodHandle bare(String name, FunctionDescriptor shape) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), shape);
  }

  static String text(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(MAX_TEXT_BYTES).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall throws nothing", e);
    }
  }
}
