package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.edge.tls.CertifiedNames;
import anycast.routing.model.Certificate;
import anycast.routing.table.RoutingSnapshot;
import io.netty.util.AsciiString;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final Certificate CERTIFICATE = new Certificate("a.test", "", "", 3);
  private final RoutingSnapshot world = Scene.usual().snapshot();

  @Test
  void tellsEveryStageOfARequestThatIsForwarded() {
    Explanation told = explain("a.test", true, "/x", "https", CertifiedNames.of("a.test"));
    assertEquals(
        List.of(
            "listener",
            "certificate",
            "request",
            "host",
            "service",
            "instances",
            "instances",
            "instances",
            "terms"),
        told.stages().stream().map(Explanation.Stage::stage).toList());
    assertTrue(told.stages().stream().allMatch(Explanation.Stage::ok));
    assertEquals(
        "forwarded, in this order: hello-1 on wrk-fra-1, hello-2 on wrk-iad-1", told.result());
    assertTrue(told.stages().get(7).detail().contains("hello-3 (stopped)"));
  }

  @Test
  void endsAtTheStageThatFails() {
    Explanation told = explain("nobody.test", true, "/", "https", CertifiedNames.of("nobody.test"));
    assertEquals("host", told.stages().getLast().stage());
    assertFalse(told.stages().getLast().ok());
    assertTrue(told.result().startsWith("refused: 404 PH20"), told.result());
  }

  @Test
  void saysThatAHandshakeWouldBeRefused() {
    Explanation told = explain("a.test", true, "/", "https", null);
    assertTrue(told.result().startsWith("refused before a request"), told.result());
  }

  @Test
  void saysThatTheCertificateIsForOthers() {
    Explanation told = explain("a.test", true, "/", "https", CertifiedNames.of("b.test"));
    assertTrue(told.result().startsWith("refused: 421"), told.result());
  }

  @Test
  void saysThatNobodyListens() {
    Explanation told = explain("a.test", true, "/", null, null);
    assertEquals("listener", told.stages().getLast().stage());
    assertTrue(told.result().startsWith("refused before a request"), told.result());
  }

  @Test
  void tellsRedirectsAndMissingInstances() {
    assertEquals(
        "answered by the edge: 301 to https://shop.test/",
        explain("shop.test", false, "/", "http", null).result());
    assertTrue(
        explain("idle.test", false, "/", "http", null).result().startsWith("refused: 503 PR01"));
  }

  private Explanation explain(
      String host, boolean tls, String path, String listener, CertifiedNames names) {
    var target =
        new Explanation.Question.Target(
            AsciiString.of("GET"), tls, host, tls ? 443 : 80, AsciiString.of(path));
    return Explanation.of(
        Scene.planner(),
        new Moment(world, 0, 7),
        new Explanation.Question("u", target, listener, names == null ? null : CERTIFICATE, names));
  }
}
