package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.RequestHead;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rewrite;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewritingTest {
  @ParameterizedTest
  @CsvSource({
    "/a,/x,/a,/x",
    "/a,/x,/a/,/x/",
    "/a,/x,/a/b?c=/a/b,/x/b?c=/a/b",
    "/a,/,/a,/",
    "/a,/,/a/,/",
    "/a,/,/a/b,/b",
    "/a,/,/a?q,/?q",
    "/,/x,/,/x/",
    "/,/x,/b,/x/b",
    "/,/,/b,/b",
    "/a/,/x/,/a/b,/x/b",
    "/a/,/x,/a/b,/x/b",
    "/a,/x/,/a/b,/x/b",
    "/a,/,/a//b.test/c,/b.test/c",
    "/a,/,/a//,/",
    "/a,/x y,/a/b,/x%20y/b",
  })
  void putsOnePrefixInPlaceOfAnother(String matched, String prefix, String came, String goes) {
    assertEquals(goes, rewritten(matched, new Rewrite(prefix, ""), came).path().toString());
  }

  @Property
  void neverMakesAPathThatSomeTakeForAHost(
      @ForAll @CharRange(from = '/', to = '0') @StringLength(max = 6) String rest,
      @ForAll @CharRange(from = '/', to = '0') @StringLength(max = 3) String prefix) {
    String path =
        rewritten("/a", new Rewrite("/" + prefix.replace("/", ""), ""), "/a/" + rest)
            .path()
            .toString();
    assertTrue(path.startsWith("/"), path);
    assertFalse(path.startsWith("//"), path);
  }

  @Test
  void putsAnotherHostInPlaceAndLeavesAloneWhatIsNone() {
    assertEquals("b.test", host("b.test"));
    assertEquals("b.test:8080", host("b.test:8080"));
    assertEquals("a.test", host(""));
    assertEquals("a.test", host("b\r\nx: y"));
  }

  private static String host(String host) {
    return rewritten("/", new Rewrite("", host), "/").authority().toString();
  }

  private static RequestHead rewritten(String matched, Rewrite rewrite, String came) {
    return Rewriting.of(
        Groups.asked(Scene.head("GET", "a.test", came)), new PathMatch.Prefix(matched), rewrite);
  }
}
