package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.edge.tls.CertifiedNames;
import anycast.routing.model.Certificate;
import anycast.routing.table.RoutingSnapshot;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.stream.Collectors;
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

  @Test
  void tellsRuleTargetsTermsAndEdits() {
    RoutingSnapshot ruled =
        Scene.usual()
            .virtual(
                "v",
                """
                hosts: [a.test]
                rules:
                  - name: canary
                    match: { path: /api, headers: { x-canary: "1" }, cookies: { beta: "yes" } }
                    to:
                      - { selector: "app=hello", weight: 3 }
                      - { selector: "app=nobody", weight: 1 }
                    fallback: [ { selector: app=shop } ]
                    rewrite: { prefix: /v2 }
                    headers: { response: { set: { x-a: b } } }
                    timeout: 1500ms
                  - name: api
                    match: { path: /api }
                    to: [ { selector: "app=hello" } ]
                """)
            .snapshot();
    Fields fields = new Fields();
    fields.add("x-canary", "1");
    fields.add("cookie", "beta=yes");
    fields.add("fly-prefer-region", "iad,fra");
    var target =
        new Explanation.Question.Target(
            AsciiString.of("GET"), false, "a.test", 80, AsciiString.of("/x/../api/u?q"), fields);
    Explanation told =
        Explanation.of(
            Scene.planner(),
            new Moment(ruled, 0, 7),
            new Explanation.Question("u", target, "http", null, null));
    String text =
        told.stages().stream()
            .map(stage -> stage.stage() + ": " + stage.detail())
            .collect(Collectors.joining("\n"));
    for (String line :
        List.of(
            "wish: rather iad, then fra",
            "path: goes on as /api/u?q",
            "rule: v/canary takes it by prefix /api, header x-canary = 1, cookie beta = yes; before"
                + " v/api, as it wants more headers",
            "target: 75.0% to app=hello: 2 of 3 instances are ready",
            "target: 25.0% to app=nobody: 0 of 0 instances are ready",
            "fallback: app=shop: 1 of 1 instances are ready",
            "choice: app=hello",
            "rewrite: prefix becomes /v2",
            "headers: of the response: sets x-a",
            "in all 1500ms")) {
      assertTrue(text.contains(line), text);
    }
    assertTrue(told.result().startsWith("forwarded, in this order: hello-2"), told.result());
  }

  @Test
  void tellsThatNoRuleTakesIt() {
    RoutingSnapshot ruled =
        Scene.usual()
            .virtual(
                "v",
                "hosts: [v.test]\nrules: [ { match: { path: /x }, redirect: { path: /y } },"
                    + " { match: { path: /w }, to: [ { selector: a=b } ], wait: 2s } ]")
            .snapshot();
    assertEquals("rule", of(ruled, "/").stages().getLast().stage());
    assertTrue(of(ruled, "/").result().startsWith("refused: 404 PH28"));
    assertEquals("path", of(ruled, "/x;y").stages().getLast().stage());
    assertTrue(of(ruled, "/x;y").result().startsWith("refused: 400 PH13"));
    assertEquals("answered by the edge: 302 to http://v.test/y", of(ruled, "/x").result());
    assertTrue(
        of(ruled, "/w").result().startsWith("waits 2s for an instance, then refused: 503 PH29"),
        of(ruled, "/w").result());
    assertEquals("choice", of(ruled, "/w").stages().getLast().stage());
  }

  private static Explanation of(RoutingSnapshot world, String path) {
    var target =
        new Explanation.Question.Target(
            AsciiString.of("GET"), false, "v.test", 80, AsciiString.of(path));
    return Explanation.of(
        Scene.planner(),
        new Moment(world, 0, 7),
        new Explanation.Question("u", target, "http", null, null));
  }
}
