package anycast.ctl.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import anycast.backhaul.posix.Signal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A world with at most one process, which does what a test says.
final class FakeHands implements Hands {
  final List<String> done = new ArrayList<>();
  boolean turn = true;
  boolean startable = true;

  boolean refusing;

  /// 0 = none lives.
  int alive;

  private int lastPid = 100;

  @Override
  public int spawn() throws IOException {
    assertEquals(0, alive, "a second process beside the first");
    if (!startable) {
      done.add("no start");
      throw new IOException("nothing to start");
    }
    alive = ++lastPid;
    refusing = false;
    done.add("start");
    return alive;
  }

  @Override
  public void refuse() {
    assertEquals(0, alive, "refused beside a process");
    refusing = true;
  }

  @Override
  public void send(Signal signal) {
    assertNotEquals(0, alive, "a signal to nobody");
    done.add(signal.name());
  }

  @Override
  public boolean turn(String reason) {
    assertNotEquals(0, alive, "a turn for nobody");
    return turn;
  }

  @Override
  public void gone() {
    alive = 0;
  }

  /// What was done since this was last asked.
  List<String> take() {
    List<String> taken = List.copyOf(done);
    done.clear();
    return taken;
  }
}
