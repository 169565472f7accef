package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
  @ParameterizedTest
  @ValueSource(strings = {"/", "/a/b?c=d&e", "/%20%C3%a9", "//x", "/a|b\"c<d>", "/?", "/a:b@c"})
  void takesPaths(String path) {
    assertTrue(Target.origin(AsciiString.of(path)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "*",
        "http://b/",
        "/a#b",
        "/a b",
        "/\u00ff",
        "/%zz",
        "/%",
        "/%2",
        "/a\u0000",
        "/a\r\nb",
        "/\u007f",
        "?a"
      })
  void refusesWhatNoPathIs(String path) {
    assertFalse(Target.origin(new AsciiString(path)));
  }
}
