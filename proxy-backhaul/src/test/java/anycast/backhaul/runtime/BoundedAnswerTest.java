package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BoundedAnswerTest {
  private final CountDownLatch end = new CountDownLatch(1);

  private static String refused(BoundedAnswer answer, Map<String, String> query) {
    return assertThrows(AdminAnswer.Unavailable.class, () -> answer.answer(query)).getMessage();
  }

  @Test
  void aQuestionThatHangsIsGivenUpAndASecondOneDoesNotWaitForIt() throws Exception {
    AdminAnswer hangs =
        query -> {
          while (query.containsKey("hang") && end.getCount() > 0) {
            Thread.onSpinWait(); // and does not hear that it is interrupted
          }
          return "told";
        };
    BoundedAnswer answer = new BoundedAnswer("explain", hangs, Duration.ofMillis(50));
    try {
      for (int i = 1; i < BoundedAnswer.MOST; i++) {
        assertTrue(refused(answer, Map.of("hang", "")).contains("explain takes too long"));
      }
      BoundedAnswer patient = new BoundedAnswer("explain", hangs, Duration.ofSeconds(30));
      assertEquals("told", patient.answer(Map.of()));
      assertTrue(refused(answer, Map.of("hang", "")).contains("takes too long"));
      assertTrue(refused(answer, Map.of()).contains("do not end"), "as many as may hang, hang");
    } finally {
      end.countDown();
    }
  }

  @Test
  void whatGoesWrongInItIsToldAsItIs() {
    BoundedAnswer answer =
        new BoundedAnswer(
            "explain",
            _ -> {
              throw new IllegalArgumentException("url wants http://host/path");
            },
            Duration.ofSeconds(30));
    assertThrows(IllegalArgumentException.class, () -> answer.answer(Map.of()));
  }
}
