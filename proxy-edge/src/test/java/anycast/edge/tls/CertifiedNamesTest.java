package anycast.edge.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertifiedNamesTest {
  private final CertifiedNames names = CertifiedNames.of("A.test", "*.wild.test", "b.test");

  @ParameterizedTest
  @CsvSource({
    "a.test,true",
    "b.test,true",
    "c.test,false",
    "x.wild.test,true",
    "wild.test,false",
    ".wild.test,false",
    "x.y.wild.test,false",
    "xa.test,false",
    "a.tes,false",
    "'',false"
  })
  void coversExactNamesAndOneLabelForAWildcard(String host, boolean covered) {
    byte[] bytes = ("--" + host + "--").getBytes(StandardCharsets.US_ASCII);
    assertEquals(covered, names.cover(bytes, 2, host.length()));
  }
}
