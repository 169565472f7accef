package anycast.backhaul.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/// What we write, Netty's decoder reads, whatever the table has been through.
class HpackWriterTest {
  /// A block to write, after a change of the peer's table size where that is not negative.
  record Block(int tableBytes, List<Map.Entry<String, String>> fields) {}

  @Property(tries = 300)
  void roundTripsThroughNettysDecoder(@ForAll("blocks") List<Block> blocks) throws Exception {
    HpackWriter writer = new HpackWriter();
    DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, false, 1 << 20);
    for (Block block : blocks) {
      if (block.tableBytes() >= 0) {
        writer.peerTableBytes(block.tableBytes());
        decoder.maxHeaderTableSize(block.tableBytes());
      }
      assertEquals(block.fields(), roundTrip(writer, decoder, block.fields()));
    }
  }

  @Provide
  Arbitrary<List<Block>> blocks() {
    Arbitrary<String> names =
        Arbitraries.oneOf(
            Arbitraries.of(
                "accept", "cookie", "set-cookie", "authorization", "user-agent", "x-a", "server"),
            Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(20));
    Arbitrary<String> values =
        Arbitraries.oneOf(
            Arbitraries.of("", "gzip, deflate", "a", "b", "200", "x".repeat(500)),
            Arbitraries.strings().withCharRange((char) 0, (char) 255).ofMaxLength(300));
    Arbitrary<Map.Entry<String, String>> field = Combinators.combine(names, values).as(Map::entry);
    Arbitrary<Integer> sizes =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(8, Arbitraries.just(-1)),
            net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(0, 10_000)));
    return Combinators.combine(sizes, field.list().ofMaxSize(30))
        .as(Block::new)
        .list()
        .ofMaxSize(20);
  }

  @Test
  void survivesManyEvictions() throws Exception {
    HpackWriter writer = new HpackWriter();
    DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, false, 1 << 20);
    for (int i = 0; i < 20_000; i++) {
      List<Map.Entry<String, String>> fields =
          List.of(
              Map.entry("x-id", Integer.toString(i / 3)),
              Map.entry("x-other", Integer.toString(i % 97)),
              Map.entry("accept", "text/html"));
      assertEquals(fields, roundTrip(writer, decoder, fields));
    }
  }

  @Test
  void indexesWhatRepeatsAndNeverASecret() {
    HpackWriter writer = new HpackWriter();
    List<Map.Entry<String, String>> agent = List.of(Map.entry("user-agent", "a-long-agent/1.0"));
    List<Map.Entry<String, String>> cookie = List.of(Map.entry("cookie", "a-long-secret"));
    int first = write(writer, agent);
    write(writer, agent);
    assertEquals(1, write(writer, agent));
    assertTrue(first > 10);
    for (int i = 0; i < 4; i++) {
      ByteBuf out = Unpooled.buffer();
      writer.fields(out, fields(cookie));
      assertEquals(0x10, out.getByte(0) & 0xf0);
      assertTrue(out.readableBytes() > 10);
    }
  }

  private static int write(HpackWriter writer, List<Map.Entry<String, String>> list) {
    ByteBuf out = Unpooled.buffer();
    writer.begin(out);
    writer.fields(out, fields(list));
    return out.readableBytes();
  }

  private static Fields fields(List<Map.Entry<String, String>> list) {
    Fields fields = new Fields();
    for (Map.Entry<String, String> field : list) {
      fields.add(field.getKey(), field.getValue());
    }
    return fields;
  }

  private static List<Map.Entry<String, String>> roundTrip(
      HpackWriter writer, DefaultHttp2HeadersDecoder decoder, List<Map.Entry<String, String>> list)
      throws Http2Exception {
    ByteBuf out = Unpooled.buffer();
    writer.begin(out);
    writer.status(out, 200);
    writer.pseudo(out, Heads.PATH, AsciiString.of("/x"));
    writer.fields(out, fields(list));
    Http2Headers headers = decoder.decodeHeaders(1, out);
    List<Map.Entry<String, String>> read = new ArrayList<>();
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      String name = field.getKey().toString();
      if (!name.startsWith(":")) {
        read.add(Map.entry(name, field.getValue().toString()));
      }
    }
    assertEquals("200", headers.status().toString());
    assertEquals("/x", headers.path().toString());
    return read;
  }
}
