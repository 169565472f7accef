package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.NodeId;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultResponderTest {
  private static final AsciiString PROXY_STATUS = AsciiString.of("proxy-status");
  private final FaultResponder responder = new FaultResponder(new NodeId("edge-fra-1"));

  @ParameterizedTest
  @EnumSource
  void answersEachKindWithItsStatusAndCode(FaultKind kind) {
    Fault fault = Fault.of(kind, "secret detail");
    ResponseHead head = responder.answer(fault, "id-fra");
    String body = new String(responder.body(fault, "id-fra"), StandardCharsets.US_ASCII);
    assertEquals(kind.status(), head.status());
    assertEquals(
        "edge-fra-1; error="
            + kind.error()
            + "; details=\""
            + kind.code()
            + " "
            + kind.sentence()
            + "\"",
        head.fields().text(PROXY_STATUS));
    assertEquals("id-fra", head.fields().text(AsciiString.of("fly-request-id")));
    assertEquals("no-store", head.fields().text(AsciiString.of("cache-control")));
    assertEquals(kind.code() + " " + kind.sentence() + "\nrequest id-fra\n", body);
    assertFalse(body.contains("secret"));
    assertEquals(kind.status() == 503, head.fields().contains(AsciiString.of("retry-after")));
    assertEquals(kind.status() == 405, head.fields().contains(AsciiString.of("allow")));
  }

  @Test
  void clientsThatAreRefusedTogetherComeBackApart() {
    Map<String, Integer> seconds = new TreeMap<>();
    RequestIds ids =
        new RequestIds(Scene.FRA, () -> Instant.ofEpochMilli(1), new SplittableRandom(1));
    for (int i = 0; i < 3000; i++) {
      ResponseHead head = responder.answer(Fault.of(FaultKind.NO_TARGET), ids.next());
      seconds.merge(head.fields().text(AsciiString.of("retry-after")), 1, Integer::sum);
    }
    assertEquals(Set.of("1", "2", "3"), seconds.keySet());
    assertTrue(seconds.values().stream().allMatch(count -> count > 800), seconds.toString());
  }

  @Test
  void quotesANodeNameThatIsNoToken() {
    ResponseHead head =
        new FaultResponder(new NodeId("1edge")).answer(Fault.of(FaultKind.LOOP), "id");
    assertTrue(head.fields().text(PROXY_STATUS).startsWith("\"1edge\"; error="));
  }
}
