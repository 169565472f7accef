package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import anycast.routing.feed.CellJson;
import anycast.routing.feed.Cells;
import anycast.routing.feed.SourceEvent.Kind;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class StreamLineTest {
  private static LineSplitter lines(String text, int most) {
    LineSplitter lines = new LineSplitter(most);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lines.push(bytes, 0, bytes.length);
    return lines;
  }

  private static StreamLine line(String text) throws IOException {
    return StreamLine.of(lines(text + "\n", LineSplitter.MAX_LINE_BYTES).next());
  }

  private static List<Object> values(Cells cells) {
    return assertInstanceOf(Cells.Values.class, cells).values();
  }

  @Test
  void readsEveryKindOfLine() throws IOException {
    assertEquals(
        new StreamLine.Columns(List.of("id", "port")), line("{\"columns\":[\"id\",\"port\"]}"));
    var row = assertInstanceOf(StreamLine.Row.class, line("{\"row\":[1,[\"i-7\",8443,null]]}"));
    assertEquals(Arrays.asList("i-7", 8443L, null), values(row.cells()));
    assertEquals(
        new StreamLine.EndOfQuery(OptionalLong.of(0)),
        line("{\"eoq\":{\"time\":1.1e-5,\"change_id\":0}}"));
    assertEquals(
        new StreamLine.EndOfQuery(OptionalLong.empty()), line("{\"eoq\":{\"time\":1.1e-5}}"));
    var change =
        assertInstanceOf(
            StreamLine.Change.class, line("{\"change\":[\"delete\",2,[5e-8,[1,255],true],3]}"));
    assertEquals(Kind.DELETE, change.kind());
    assertEquals(2, change.rowid());
    assertEquals(3, change.changeId());
    assertEquals(5e-8, values(change.cells()).get(0));
    assertArrayEquals(new byte[] {1, (byte) 255}, (byte[]) values(change.cells()).get(1));
    assertEquals(new StreamLine.Failure("gone"), line("{\"error\":\"gone\"}"));
    assertEquals(new StreamLine.Unknown(), line("{\"news\":{\"a\":[1]}}"));
  }

  @Test
  void keepsAllBitsOfALargeNumber() throws IOException {
    var row =
        assertInstanceOf(
            StreamLine.Row.class, line("{\"row\":[1,[9223372036854775807,-9007199254740993]]}"));
    assertEquals(List.of(Long.MAX_VALUE, -9007199254740993L), values(row.cells()));
  }

  @Test
  void oneUnreadableCellCostsItsRowOnly() throws IOException {
    for (String cell : List.of("{\"a\":1}", "99999999999999999999", "[1,\"x\"]", "[256]")) {
      var change =
          assertInstanceOf(
              StreamLine.Change.class, line("{\"change\":[\"update\",4,[1," + cell + ",2],9]}"));
      assertInstanceOf(Cells.Unreadable.class, change.cells());
      assertEquals(9, change.changeId());
    }
  }

  @Test
  void refusesWhatIsNoLine() {
    for (String text :
        List.of(
            "nonsense",
            "[]",
            "{}",
            "{\"row\":1}",
            "{\"row\":[1,[2]",
            "{\"row\":[1]}",
            "{\"change\":[\"grow\",1,[],1]}",
            "{\"change\":[\"insert\",1,[]]}",
            "{\"change\":[\"insert\",1,[],99999999999999999999]}",
            "{\"eoq\":[]}")) {
      assertThrows(IOException.class, () -> line(text), text);
    }
  }

  @Test
  void namesTheRowOfAnOverlongLineAndGoesOn() throws IOException {
    String big = "x".repeat(5_000);
    LineSplitter lines =
        lines(
            "{\"row\":[41,[\""
                + big
                + "\"]]}\n"
                + "{\"change\":[\"update\",42,[\""
                + big
                + "\"],7]}\n"
                + "{\"error\":\"next\"}\n",
            1_000);
    var row = assertInstanceOf(StreamLine.Row.class, StreamLine.of(lines.next()));
    assertEquals(41, row.rowid());
    assertInstanceOf(Cells.Unreadable.class, row.cells());
    var change = assertInstanceOf(StreamLine.Change.class, StreamLine.of(lines.next()));
    assertEquals(42, change.rowid());
    assertEquals(7, change.changeId());
    assertEquals(new StreamLine.Failure("next"), StreamLine.of(lines.next()));
    assertNull(lines.next());
  }

  @Test
  void anOverlongRowIsKnownByItsKey() throws IOException {
    String big = "x".repeat(5_000);
    LineSplitter lines =
        lines("{\"change\":[\"insert\",42,[\"app\",\"web\",\"" + big + "\",1],7]}\n", 1_000);
    var change = assertInstanceOf(StreamLine.Change.class, StreamLine.of(lines.next()));
    var cells = assertInstanceOf(Cells.Unreadable.class, change.cells());
    assertEquals(List.of("app", "web"), cells.first());
  }

  @Property(tries = 300)
  void cutsLinesWhereverTheyEnd(
      @ForAll @IntRange(min = 0, max = 60_000) int first,
      @ForAll @IntRange(min = 0, max = 40) int second)
      throws IOException {
    LineSplitter lines = lines("a".repeat(first) + "\n" + "b".repeat(second) + "\n", 1 << 20);
    assertEquals(first, lines.next().length());
    assertEquals(second, lines.next().length());
    assertNull(lines.next());
  }

  @Property(tries = 500)
  void overlongLinesNeverSpoilTheNext(
      @ForAll @IntRange(min = 200, max = 60_000) int length,
      @ForAll @IntRange(min = 200, max = 2_000) int most)
      throws IOException {
    String head = "{\"row\":[5,[\"";
    LineSplitter lines = lines(head + "z".repeat(length) + "\"]]}\nnext\n", most);
    LineSplitter.Line first = lines.next();
    assertEquals(head.length() + length + 4 > most, first.overlong());
    assertEquals(5, assertInstanceOf(StreamLine.Row.class, StreamLine.of(first)).rowid());
    assertEquals(4, lines.next().length());
  }

  @Provide
  Arbitrary<Object> cell() {
    return Arbitraries.oneOf(
        Arbitraries.longs().map(n -> (Object) n),
        Arbitraries.doubles().map(n -> (Object) n),
        Arbitraries.strings().map(n -> (Object) n),
        Arbitraries.of(true, false).map(n -> (Object) n),
        Arbitraries.bytes().array(byte[].class).map(n -> (Object) n));
  }

  @Provide
  Arbitrary<List<Object>> cells() {
    return cell().injectNull(0.1).list().ofMaxSize(12);
  }

  @Property(tries = 500)
  void cellsReadBackAsWritten(@ForAll("cells") List<Object> cells) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartArray();
      for (Object cell : cells) {
        CellJson.write(out, cell);
      }
      out.writeEndArray();
    }
    try (JsonParser in = new JsonFactory().createParser(text.toString())) {
      in.nextToken();
      List<Object> read = new ArrayList<>(values(CellJson.read(in)));
      assertArrayEquals(cells.toArray(), read.toArray());
    }
  }

  /// The socket's reads end anywhere: the tail that says which change it was may come in pieces.
  @Test
  void anOverlongLineKeepsItsTailWhereverTheReadsEnd() throws IOException {
    String text = "{\"change\":[\"update\",7,[\"" + "x".repeat(990) + "\"],123456]}\n";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int first = 900; first < bytes.length; first++) {
      LineSplitter reader = new LineSplitter(1000);
      reader.push(bytes, 0, first);
      assertNull(reader.next());
      reader.push(bytes, first, bytes.length - first);
      var change = assertInstanceOf(StreamLine.Change.class, StreamLine.of(reader.next()));
      assertEquals(123_456, change.changeId(), "first read of " + first);
      assertEquals(7, change.rowid());
    }
  }
}
