package anycast.edge.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who gives up when too much waits for clients.
class UnreadTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Unread unread = new Unread(channel.eventLoop(), 100_000);
  private final List<String> gaveUp = new ArrayList<>();

  private final class Named extends Unread.Share {
    private final String name;

    Named(String name) {
      super(unread);
      this.name = name;
    }

    @Override
    void giveUp() {
      gaveUp.add(name);
    }
  }

  private Named waiting(String name, int bytes) {
    Named share = new Named(name);
    share.onWaiting(bytes);
    return share;
  }

  private List<String> settled() {
    channel.runPendingTasks();
    return gaveUp;
  }

  @Test
  void nobodyGivesUpBelowTheLimit() {
    waiting("a", 50_000);
    waiting("b", 50_000);
    assertEquals(List.of(), settled());
  }

  @Test
  void theLongestWaitingGivesUpFirstAndNoMoreThanNeeded() {
    waiting("a", 30_000);
    waiting("b", 30_000);
    waiting("c", 30_000);
    waiting("d", 30_000);
    assertEquals(List.of("a"), settled());
    waiting("e", 50_000);
    assertEquals(List.of("a", "b", "c"), settled());
  }

  @Test
  void whoTakesSomethingKeepsItsPlaceBehindThoseWhoDoNot() {
    Named reading = waiting("reading", 40_000);
    Named dripping = waiting("dripping", 40_000);
    waiting("late", 15_000);
    reading.onTaken(Unread.PROGRESS_BYTES);
    reading.onWaiting(Unread.PROGRESS_BYTES);
    dripping.onTaken(1);
    waiting("more", 20_000);
    assertEquals(List.of("dripping"), settled());
  }

  @Test
  void whatWasTakenOrIsGoneIsNotCounted() {
    waiting("a", 60_000).onTaken(60_000);
    waiting("b", 60_000).onNoneLeft();
    waiting("c", 60_000);
    assertEquals(List.of(), settled());
  }
}
