package anycast.backhaul.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.backhaul.head.Fields;
import anycast.routing.model.HealthCheck;
import java.util.List;
import org.junit.jupiter.api.Test;

class LagReadingTest {
  private static CheckResult read(double bound, String value) {
    Fields fields = new Fields();
    fields.add("x-lag", value);
    return LagReading.ofHeader(new HealthCheck.Lag("x-lag", List.of(), bound), fields);
  }

  @Test
  void theBoundIsToldAsItWasWritten() {
    assertEquals(new CheckResult.Lagging("header x-lag is 500, above 100"), read(100, "500"));
    assertEquals(new CheckResult.Lagging("header x-lag is 0.6, above 0.5"), read(0.5, "0.6"));
  }

  @Test
  void whatIsNotAboveTheBoundPasses() {
    assertEquals(new CheckResult.Passed(), read(100, "100"));
  }
}
