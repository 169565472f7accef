package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/// The last line of a page that was too long to be sent whole.
final class Cut {
  private Cut() {}

  static void tell(JsonNode answer, PrintWriter out) {
    if (answer.path("cut").asBoolean()) {
      out.println("... cut off; there are " + answer.path("total").asLong() + " in all");
    }
  }
}
