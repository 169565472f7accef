package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.FaultKind;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.PathMatch;
import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectsTest {
  private static final PathMatch MATCH = new PathMatch.Prefix("/a");

  @ParameterizedTest
  @CsvSource({
    "'','',0,/x,false,a.test,/a/b?c,https://a.test/x?c",
    "'','',0,/x,true,a.test,/a/b?c,https://a.test/x/b?c",
    "'','',0,/,true,a.test,/a/b,https://a.test/b",
    "'',b.test,0,'',false,a.test,/a/b?c,https://b.test/a/b?c",
    "http,'',0,'',false,a.test,/a,http://a.test/a",
    "http,'',8080,'',false,a.test:8443,/a,http://a.test:8080/a",
    "https,b.test,0,'',false,a.test:9,/a,https://b.test/a",
    "'',b.test,0,'',false,a.test:8443,/a,https://b.test:8443/a",
    "'',b.test,0,'',false,[::1]:8443,/a,https://b.test:8443/a",
    "'','',8443,'',false,a.test,/a,https://a.test:8443/a",
    "'','',0,/x?y=1,false,a.test,/a?c,https://a.test/x?y=1&c",
    "'',B.test,0,'',false,A.test,/a,https://B.test/a",
  })
  void sendsClientsWhereTheRuleSays(
      String scheme,
      String host,
      int port,
      String path,
      boolean prefix,
      String authority,
      String came,
      String location) {
    Plan plan =
        redirected(new Action.Redirect(308, scheme, host, port, path, prefix), authority, came);
    Plan.Answer answer = assertInstanceOf(Plan.Answer.class, plan);
    assertEquals(308, answer.head().status());
    assertEquals(location, answer.head().fields().text(AsciiString.of("location")));
  }

  @Test
  void neverWritesALineBreakIntoTheLocation() {
    Action.Redirect evil =
        new Action.Redirect(302, "", "b.test\r\nx: y", 0, "/x\r\nset-cookie: a", false);
    Plan.Answer answer = assertInstanceOf(Plan.Answer.class, redirected(evil, "a.test", "/a"));
    String location = answer.head().fields().text(AsciiString.of("location"));
    assertFalse(location.contains("\r") || location.contains("\n") || location.contains(" "));
  }

  @ParameterizedTest
  @CsvSource({"https,'',0,''", "'',a.test,443,''", "'','',0,/a"})
  void refusesARuleThatSendsClientsToWhereTheyAre(
      String scheme, String host, int port, String path) {
    Plan plan =
        redirected(new Action.Redirect(301, scheme, host, port, path, false), "a.test", "/a");
    assertEquals(FaultKind.LOOP, assertInstanceOf(Plan.Refuse.class, plan).fault().kind());
  }

  private static Plan redirected(Action.Redirect redirect, String authority, String path) {
    return new Redirects(443)
        .byRule(Groups.asked(Scene.head("GET", authority, path)), MATCH, redirect);
  }
}
