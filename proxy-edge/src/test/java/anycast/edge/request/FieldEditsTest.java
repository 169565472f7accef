package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.routing.model.rule.HeaderEdits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldEditsTest {
  @Test
  void removesThenSetsThenAdds() {
    Fields fields = new Fields();
    fields.add("a", "1");
    fields.add("b", "1");
    fields.add("b", "2");
    fields.add("c", "1");
    FieldEdits.apply(
        new HeaderEdits(
            List.of("a", "c"),
            List.of(new HeaderEdits.Field("b", "3"), new HeaderEdits.Field("a", "4")),
            List.of(new HeaderEdits.Field("b", "5"))),
        fields);
    assertEquals("b=3 a=4 b=5", text(fields));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-length",
        "transfer-encoding",
        "connection",
        "host",
        "via",
        "te",
        "fly-client-ip",
        "fly_client_ip",
        "fly-request-id",
        "fly-region",
        "fly-forwarded-port",
        "fly-replay-src",
        "fly-preferred-instance-unavailable",
        "x-forwarded-for",
        "x_forwarded_for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-real-ip",
        "x-anycast-to",
        "x_anycast_to",
        "x-mirrored-by",
        "proxy",
        ":path",
        "",
        "a b",
        "a\r\nb",
        "Via"
      })
  void leavesAloneWhatOnlyProxiesWrite(String name) {
    Fields fields = new Fields();
    fields.add(name, "true");
    FieldEdits.apply(
        new HeaderEdits(
            List.of(name),
            List.of(new HeaderEdits.Field(name, "set")),
            List.of(new HeaderEdits.Field(name, "added"))),
        fields);
    assertEquals(name + "=true", text(fields));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nevil: 1", "a\nb", "a\0b", "\u007f", "\u0130"})
  void leavesOutAValueThatIsNotOneLine(String value) {
    Fields fields = new Fields();
    HeaderEdits.Field field = new HeaderEdits.Field("a", value);
    FieldEdits.apply(new HeaderEdits(List.of(), List.of(field), List.of(field)), fields);
    assertTrue(fields.isEmpty());
  }

  @Test
  void letsRulesSayThePrefixThatTheyTookAway() {
    assertTrue(FieldEdits.editable("x-forwarded-prefix"));
    assertFalse(FieldEdits.editable("x-forwarded-port"));
  }

  private static String text(Fields fields) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields.size(); i++) {
      text.append(i == 0 ? "" : " ").append(fields.name(i)).append('=').append(fields.valueText(i));
    }
    return text.toString();
  }
}
