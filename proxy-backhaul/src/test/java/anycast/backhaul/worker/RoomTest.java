package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.model.InstanceId;
import anycast.routing.pick.Load;
import org.junit.jupiter.api.Test;

class RoomTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  private final Room room = new Room(new InstanceId("i"), new Load());

  @Test
  void latencyIsSmoothed() {
    room.answered(8 * MILLI, SECOND);
    room.answered(16 * MILLI, SECOND);

    assertEquals(9 * MILLI, room.latencyNanos(SECOND));
  }

  @Test
  void latencyThatNoAnswerConfirmsIsForgottenAndBeginsAnew() {
    room.answered(500 * MILLI, SECOND);
    assertEquals(500 * MILLI, room.latencyNanos(4 * SECOND));
    assertEquals(-1, room.latencyNanos(4 * SECOND + 1));

    room.answered(2 * MILLI, 5 * SECOND);

    assertEquals(2 * MILLI, room.latencyNanos(5 * SECOND));
  }

  @Test
  void latencyOfSlowAnswersHoldsForTheTimeOfFour() {
    room.answered(10 * SECOND, 10 * SECOND);

    assertEquals(10 * SECOND, room.latencyNanos(50 * SECOND));
    assertEquals(-1, room.latencyNanos(50 * SECOND + 1));
  }
}
