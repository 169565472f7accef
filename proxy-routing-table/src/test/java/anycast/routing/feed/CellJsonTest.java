package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class CellJsonTest {
  private static final JsonFactory JSON = new JsonFactory();

  private static Cells read(String json) throws IOException {
    try (JsonParser in = JSON.createParser(json)) {
      assertEquals(JsonToken.START_ARRAY, in.nextToken());
      Cells cells = CellJson.read(in);
      assertEquals(JsonToken.END_ARRAY, in.currentToken());
      return cells;
    }
  }

  @Provide
  Arbitrary<List<Object>> cells() {
    Arbitrary<Object> cell =
        Arbitraries.oneOf(
            Arbitraries.strings().map(text -> (Object) text),
            Arbitraries.longs().map(number -> (Object) number),
            Arbitraries.doubles().map(number -> (Object) number),
            Arbitraries.of(true, false).map(flag -> (Object) flag),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(bytes -> (Object) bytes));
    return cell.injectNull(0.1).list().ofMaxSize(12);
  }

  @Property(tries = 1000)
  void readsBackWhatItWrites(@ForAll("cells") List<Object> cells) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartArray();
      for (Object cell : cells) {
        CellJson.write(out, cell);
      }
      out.writeEndArray();
    }
    List<Object> read = assertInstanceOf(Cells.Values.class, read(text.toString())).values();
    assertEquals(cells.size(), read.size());
    for (int i = 0; i < read.size(); i++) {
      if (cells.get(i) instanceof byte[] bytes) {
        assertArrayEquals(bytes, (byte[]) read.get(i));
      } else {
        assertEquals(cells.get(i), read.get(i));
      }
    }
  }

  @Test
  void cellThatIsNoneMakesTheRowUnreadableAndNotTheStream() throws IOException {
    assertEquals(new Cells.Unreadable("cell 1 is an object"), read("[1, {\"a\": [2]}, 3]"));
    assertEquals(
        new Cells.Unreadable("cell 0 is a number beyond 64 bits"), read("[99999999999999999999]"));
    assertEquals(
        new Cells.Unreadable("cell 0 is an array of something else than bytes"),
        read("[[1, 256], 7]"));
  }
}
