package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AskedTest {
  @Test
  void showsHeadersByNameAndNumber() {
    Asked asked = asked("/", "a", "1", "b", "2", "a", "3");
    assertEquals("1", asked.header("a", 0).toString());
    assertEquals("3", asked.header("a", 1).toString());
    assertNull(asked.header("a", 2));
    assertNull(asked.header("c", 0));
    assertEquals("a.test", asked.header("host", 0).toString());
    assertNull(asked.header("host", 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/p?a=1&b=2|a|0|1",
        "/p?a=1&b=2|b|0|2",
        "/p?a=1&a=2|a|1|2",
        "/p?a|a|0|''",
        "/p?a=|a|0|''",
        "/p?&&a=1&|a|0|1",
        "/p?a=b=c|a|0|b=c",
        "/p?a=x+y%21|a|0|x y!",
        "/p?%61=1|a|0|1",
        "/p?a=%C3%BC|a|0|ü",
        "/p?a=1?2|a|0|1?2",
        "/p?a=%|a|0|%",
        "/p?a=%2|a|0|%2"
      })
  void decodesQueryParameters(String path, String name, int index, String value) {
    assertEquals(value, asked(path).query(name, index).toString());
  }

  @Test
  void findsNoQueryWhereThereIsNone() {
    assertNull(asked("/a=1").query("a", 0));
    assertNull(asked("/?").query("", 0));
    assertEquals("", asked("/").queryText().toString());
    assertEquals("?x", asked("/?x").queryText().toString());
  }

  @Property
  void readsWhatFormsWrite(@ForAll String name, @ForAll String value) {
    String sound = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String soundName = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String query =
        "/?x=1&"
            + URLEncoder.encode(soundName, StandardCharsets.UTF_8)
            + "="
            + URLEncoder.encode(sound, StandardCharsets.UTF_8);
    int index = soundName.equals("x") ? 1 : 0;
    assertEquals(sound, asked(query).query(soundName, index).toString());
  }

  @Test
  void readsCookiesOfAllFields() {
    Asked asked =
        asked("/", "cookie", "a=1; b=\"2\";c = 3 ;d", "x", "y", "cookie", "a=4; e==;;  f=");
    assertEquals("1", asked.cookie("a", 0).toString());
    assertEquals("4", asked.cookie("a", 1).toString());
    assertEquals("\"2\"", asked.cookie("b", 0).toString());
    assertNull(asked.cookie("d", 0));
    assertEquals("=", asked.cookie("e", 0).toString());
    assertEquals("", asked.cookie("f", 0).toString());
    assertNull(asked.cookie("%61", 0));
  }

  private static Asked asked(String path, String... fields) {
    return Groups.asked(Scene.head("GET", "a.test", path, fields));
  }
}
