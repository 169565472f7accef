package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.rule.HeaderEdits;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final AsciiString SET_COOKIE = AsciiString.of("set-cookie");
  private static final ServicePolicy.Affinity COOKIE =
      new ServicePolicy.Affinity(ServicePolicy.Affinity.Kind.COOKIE, "sid");
  private static final ServicePolicy.Affinity HEADER =
      new ServicePolicy.Affinity(ServicePolicy.Affinity.Kind.HEADER, "x-user");

  @Test
  void isNothingWithoutPolicyOrKey() {
    assertSame(Affinity.NONE, of(ServicePolicy.Affinity.NONE, 1, "cookie", "sid=a"));
    assertSame(Affinity.NONE, of(HEADER, 1));
    assertSame(Affinity.NONE, of(HEADER, 1, "x-user", ""));
  }

  @Test
  void requestsWithTheSameKeyBelongTogether() {
    assertEquals(of(HEADER, 1, "x-user", "ann"), of(HEADER, 2, "x-user", "ann"));
    assertNotEquals(of(HEADER, 1, "x-user", "ann"), of(HEADER, 1, "x-user", "bob"));
    assertEquals(of(COOKIE, 1, "cookie", "sid=a"), of(COOKIE, 2, "cookie", "x=y; sid=a"));
  }

  @Test
  void aClientWithoutTheCookieGetsOneThatLeadsBack() {
    Affinity fresh = of(COOKIE, 1);
    assertTrue(
        fresh.cookie().matches("sid=[0-9a-z]{13}; Path=/; HttpOnly; SameSite=Lax; Secure"),
        fresh.cookie());
    String pair = fresh.cookie().substring(0, fresh.cookie().indexOf(';'));
    Affinity again = of(COOKIE, 2, "cookie", pair);
    assertEquals(fresh.key(), again.key());
    assertNull(again.cookie());
  }

  @Test
  void cookiesAreAllDifferent() {
    Set<String> seen = new HashSet<>();
    for (long random = 0; random < 10_000; random++) {
      seen.add(of(COOKIE, random).cookie());
    }
    assertEquals(10_000, seen.size());
  }

  @Test
  void theAppsOwnCookieOfTheNameHolds() {
    Fields own = new Fields();
    own.add(SET_COOKIE, "sid=mine; Path=/");
    edit(own);
    assertEquals(1, own.size());
    Fields other = new Fields();
    other.add(SET_COOKIE, "sidx=mine");
    edit(other);
    assertEquals(2, other.size());
  }

  private static void edit(Fields fields) {
    AnswerEdits.of(HeaderEdits.NONE, of(COOKIE, 1)).edit(new ResponseHead(200, fields), null);
  }

  private static Affinity of(ServicePolicy.Affinity policy, long random, String... fields) {
    return Affinity.of(
        policy,
        Groups.asked(Scene.head("GET", "a.test", "/", fields)),
        new Moment(Groups.NO_WORLD, 0, random));
  }
}
