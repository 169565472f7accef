package anycast.backhaul.health;

import anycast.backhaul.head.Fields;
import anycast.routing.model.HealthCheck;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Locale;

/// Readiness by lag: the number in an app's answer, and whether it is above the bound.
///
/// **Threading.** Pure. **Faults.** An answer without a number is a failure: nobody knows how far
/// behind the instance is.
final class LagReading {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Longest number that is read.
  private static final int MAX_CHARS = 64;

  private LagReading() {}

  /// @param lag that names a header
  static CheckResult ofHeader(HealthCheck.Lag lag, Fields fields) {
    String text = fields.text(AsciiString.of(lag.header().toLowerCase(Locale.ROOT)));
    return text == null
        ? new CheckResult.Failed("no header " + lag.header())
        : of(lag, text.strip(), "header " + lag.header());
  }

  /// @param lag that names a field
  static CheckResult ofBody(HealthCheck.Lag lag, byte[] body) {
    String name = "field " + String.join(".", lag.field());
    JsonNode node;
    try {
      node = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return new CheckResult.Failed("body is no JSON");
    } catch (IOException e) {
      return new CheckResult.Failed("body cannot be read");
    }
    for (String step : lag.field()) {
      node = node == null ? null : node.get(step);
    }
    return node == null || !node.isValueNode() || node.isNull()
        ? new CheckResult.Failed("no " + name)
        : of(lag, node.asText(), name);
  }

  private static CheckResult of(HealthCheck.Lag lag, String text, String name) {
    double value;
    try {
      value = text.length() > MAX_CHARS ? Double.NaN : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!Double.isFinite(value)) {
      return new CheckResult.Failed(name + " holds no number");
    }
    return value > lag.bound()
        ? new CheckResult.Lagging(name + " is " + text + ", above " + shown(lag.bound()))
        : new CheckResult.Passed();
  }

  /// As an operator wrote it: 100, not 100.0.
  private static String shown(double bound) {
    return BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
  }
}
