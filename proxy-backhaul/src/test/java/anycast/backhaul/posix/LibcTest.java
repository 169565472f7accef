package anycast.backhaul.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What the kernel says through [Libc].
class LibcTest {
  @Test
  void knowsThisProcess() {
    assertEquals(ProcessHandle.current().pid(), Libc.getpid());
  }

  @Test
  void namesTheCallAndTheReasonOfARefusal() {
    PosixException refused =
        assertThrows(PosixException.class, () -> Libc.kill(Integer.MAX_VALUE, Signal.TERM));
    assertEquals(Errno.ESRCH, refused.errno());
    assertEquals("kill: No such process", refused.getMessage());
  }

  @Test
  void endsAChildBySignal() throws Exception {
    Process child = new ProcessBuilder("sleep", "600").start();
    Libc.kill((int) child.pid(), Signal.KILL);
    assertTrue(child.waitFor(30, TimeUnit.SECONDS));
    assertEquals(128 + Signal.KILL.number(), child.exitValue());
  }

  @Test
  void decidesWhetherChildrenInheritADescriptor() throws Exception {
    int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM);
    try {
      assertFalse(Descriptors.isInherited(fd));
      Libc.inherit(fd, true);
      assertTrue(Descriptors.isInherited(fd));
      Libc.inherit(fd, false);
      assertFalse(Descriptors.isInherited(fd));
      int other = Libc.duplicate(fd, 500);
      assertTrue(other >= 500);
      assertFalse(Descriptors.isInherited(other));
      Libc.close(other);
    } finally {
      Libc.close(fd);
    }
    PosixException refused =
        assertThrows(PosixException.class, () -> Libc.inherit(Integer.MAX_VALUE, true));
    assertEquals(Errno.EBADF, refused.errno());
  }

  @Test
  void setsOptions() throws Exception {
    int fd = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM);
    try {
      assertEquals(0, Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR));
      Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1);
      assertEquals(1, Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR));
      assertEquals(Libc.SOCK_STREAM, Libc.option(fd, Libc.SOL_SOCKET, Libc.SO_TYPE));
    } finally {
      Libc.close(fd);
    }
  }

  @Test
  void namesSignals() {
    assertEquals("SIGKILL", Signal.name(9));
    assertEquals("signal 34", Signal.name(34));
  }

  @Test
  void endsItsOwnProcessWithExhaustedMemory() throws Exception {
    Process child =
        new ProcessBuilder(
                ChildJvm.command(
                    List.of("-Xmx32m", "-XX:+UseSerialGC", ChildJvm.QUICK), EndsItself.class))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals(128 + Signal.KILL.number(), child.exitValue());
  }

  /// A process that fills its heap to the last object, and then ends itself.
  static final class EndsItself {
    private EndsItself() {}

    public static void main(String[] arguments) {
      Libc.prepareToEnd();
      Object[] chain = null;
      for (int size = 1 << 20; size > 0; size /= 2) {
        try {
          while (true) {
            Object[] link = new Object[size];
            link[0] = chain;
            chain = link;
          }
        } catch (OutOfMemoryError e) {
          // smaller ones may still fit
        }
      }
      Libc.end();
      Runtime.getRuntime().halt(chain == null ? 1 : 2);
    }
  }
}
