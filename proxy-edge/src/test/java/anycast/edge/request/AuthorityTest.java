package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.netty.util.AsciiString;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
  @ParameterizedTest
  @CsvSource({
    "a.test,a.test",
    "A.Test,a.test",
    "a.test:443,a.test",
    "a.test:,a.test",
    "a.test.,a.test",
    "a.test.:80,a.test",
    "a_b-c.test,a_b-c.test",
    "127.0.0.1:80,127.0.0.1",
    "[::1],[::1]",
    "[2001:DB8::1]:443,[2001:db8::1]",
    "a.test:65535,a.test"
  })
  void givesTheHostInLowerCaseWithoutPortAndRootDot(String text, String host) {
    assertEquals(host, Authority.parse(AsciiString.of(text)).host().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        ":80",
        "a b",
        "user@a.test",
        "a.test:80:80",
        "a.test:x",
        "a.test:65536",
        "a.test:000080",
        "a/b",
        "a%2etest",
        "a\\b",
        "a,b",
        "a.test\u00e9",
        ".a.test",
        "[",
        "[]",
        "[:]x",
        "[::1",
        "[::1]80",
        "[::1]:x",
        "[zz]",
        "a?b",
        "a#b",
        "a\u0000b",
        "a\tb",
        "a\r\nb"
      })
  void refusesWhatNoHostIs(String text) {
    assertNull(Authority.parse(new AsciiString(text)));
  }

  @Test
  void refusesANameLongerThanDnsCarries() {
    assertNull(Authority.parse(AsciiString.of("a".repeat(300))));
  }

  @Test
  void sharesTheBytesOfAnOrdinaryAuthority() {
    AsciiString text = AsciiString.of("a.test:443");
    assertSame(text.array(), Authority.parse(text).bytes());
  }

  @Property
  void neverThrowsAndGivesOnlyHarmlessCharacters(@ForAll byte[] bytes) {
    Authority authority = Authority.parse(new AsciiString(bytes, false));
    if (authority != null) {
      for (char c : authority.host().toString().toCharArray()) {
        assertEquals(-1, " \t\r\n\"'<>/\\@%,;".indexOf(c));
      }
    }
  }
}
