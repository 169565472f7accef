package anycast.backhaul.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTest {
  /// What a decoder said: data, then `$` at the end, trailers behind it, `!` for a fault, and what
  /// it left.
  static String decode(Framing framing, String input, int splitAt, int maxBytes) {
    BodyDecoder decoder = new BodyDecoder(FaultKind.BAD_REQUEST);
    decoder.begin(framing);
    String raw = Bytes.raw(input);
    StringBuilder said = new StringBuilder();
    ByteBuf all = Unpooled.copiedBuffer(raw, StandardCharsets.ISO_8859_1);
    ByteBuf first = all.slice(0, splitAt);
    boolean ended = drain(decoder, first, maxBytes, said);
    ByteBuf rest = all.slice(first.readerIndex(), raw.length() - first.readerIndex());
    if (!ended) {
      ended = drain(decoder, rest, maxBytes, said);
    }
    if (ended) {
      said.append('/').append(Bytes.text(rest));
    }
    all.release();
    return said.toString();
  }

  private static boolean drain(BodyDecoder decoder, ByteBuf in, int maxBytes, StringBuilder said) {
    while (true) {
      switch (decoder.read(in, maxBytes)) {
        case BodyRead.Incomplete _ -> {
          return false;
        }
        case BodyRead.Part(ByteBuf bytes, boolean end) -> {
          assertTrue(bytes.readableBytes() > 0 && bytes.readableBytes() <= maxBytes);
          said.append(Bytes.text(bytes));
          bytes.release();
          if (end) {
            said.append('$');
            return true;
          }
        }
        case BodyRead.End(Fields trailers) -> {
          said.append('$').append(trailers == null ? "" : Bytes.text(trailers));
          return true;
        }
        case BodyRead.Refused _ -> {
          said.append('!');
          return false;
        }
      }
    }
  }

  private static void decodesTo(String expected, Framing framing, String input) {
    for (int at = 0; at <= Bytes.raw(input).length(); at++) {
      assertEquals(expected, decode(framing, input, at, 1 << 20), input + " split at " + at);
      assertEquals(expected, decode(framing, input, at, 1), input + " by one, split at " + at);
    }
  }

  @Test
  void readsSizedBodiesExactly() {
    decodesTo("hello$/GET", Framing.ofLength(5), "helloGET");
    decodesTo("hel", Framing.ofLength(5), "hel");
    decodesTo("$/GET", Framing.NONE, "GET");
    decodesTo("abc", Framing.UNTIL_CLOSE, "abc");
  }

  @Test
  void readsChunksWhereverTheyAreSplit() {
    decodesTo("hello$/N", Framing.CHUNKED, "5␤hello␤0␤␤N");
    decodesTo("hello world$/", Framing.CHUNKED, "0005␤hello␤6␤ world␤0000␤␤");
    decodesTo("0123456789abcdef$/", Framing.CHUNKED, "A␤0123456789␤6␤abcdef␤0␤␤");
    decodesTo("hello$/", Framing.CHUNKED, "5;a=b␤hello␤0␤␤");
    decodesTo("he$/", Framing.CHUNKED, "2 ; a ;b=\"x\\\";y\" ; c = d␤he␤0;z␤␤");
  }

  @Test
  void reportsTrailersAndDropsForbiddenOnes() {
    decodesTo("a$x-sum: 1|y: /N", Framing.CHUNKED, "1␤a␤0␤X-Sum: 1␤Y:␤␤N");
    decodesTo(
        "a$x: 1/",
        Framing.CHUNKED,
        "1␤a␤0␤Content-Length: 5␤Host: b␤Fly-Client-IP: 1␤X-Forwarded-For: 2␤Cookie: c␤X: 1␤␤");
    decodesTo("a$/", Framing.CHUNKED, "1␤a␤0␤Transfer-Encoding: chunked␤␤");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2;\nxx␤0␤␤",
        "2;\rxx␤ab␤0␤␤",
        "5\nhello␤0␤␤",
        "5␤hello\n0␤␤",
        "5␤helloXX0␤␤",
        "5␤hello\rX0␤␤",
        "100000005␤hello␤0␤␤",
        "10000000000000005␤hello␤0␤␤",
        "00000000000000005␤hello␤0␤␤",
        "\u00b95␤hello␤0␤␤",
        "5\u00b9␤hello␤0␤␤",
        "0x5␤hello␤0␤␤",
        "+5␤hello␤0␤␤",
        "-5␤hello␤0␤␤",
        " 5␤hello␤0␤␤",
        "5 ␤hello␤0␤␤",
        "5\t␤hello␤0␤␤",
        "5g␤hello␤0␤␤",
        "␤hello␤0␤␤",
        ";a␤hello␤0␤␤",
        "5;␤hello␤0␤␤",
        "5;a=␤hello␤0␤␤",
        "5;a=\"b␤hello␤0␤␤",
        "5;a=\"b\n\"␤hello␤0␤␤",
        "5;a b␤hello␤0␤␤",
        "5;a\0␤hello␤0␤␤",
        "5,a␤hello␤0␤␤",
        "0\n␤",
        "0␤X T: 5␤␤",
        "0␤X: 5\n␤",
        "0␤X: 5␤\n",
        "0␤ X: 5␤␤",
        "0␤X: a\0␤␤"
      })
  void refusesChunksThatTwoReadersMightReadDifferently(String input) {
    for (int at = 0; at <= Bytes.raw(input).length(); at++) {
      String said = decode(Framing.CHUNKED, input + "GET /smug HTTP/1.1␤Host: x␤␤", at, 100);
      assertTrue(said.endsWith("!"), input + " split at " + at + ": " + said);
      assertFalse(said.contains("$"), input);
    }
  }

  @Test
  void boundsExtensionsAndTrailers() {
    String extension = ";a=" + "b".repeat(5000);
    String body = ("1" + extension + "␤x␤").repeat(4) + "0␤␤";
    assertEquals("xxx!", decode(Framing.CHUNKED, body, 0, 100));
    assertEquals("!", decode(Framing.CHUNKED, "0␤X: " + "a".repeat(33_000) + "␤␤", 0, 100));
    assertEquals("!", decode(Framing.CHUNKED, "0␤" + "X: y␤".repeat(101) + "␤", 0, 100));
  }

  private static String write(Framing framing, boolean expected, Fields trailers, String... data) {
    BodyWriter writer = new BodyWriter();
    writer.begin(framing);
    StringBuilder out = new StringBuilder();
    BodyWriter.Out sink =
        bytes -> {
          out.append(Bytes.text(bytes));
          bytes.release();
        };
    boolean good = true;
    for (int i = 0; i < data.length; i++) {
      boolean end = trailers == null && i == data.length - 1;
      good &= writer.write(Bytes.of(data[i]), end, UnpooledByteBufAllocator.DEFAULT, sink);
    }
    if (trailers != null) {
      good &= writer.writeTrailers(trailers, UnpooledByteBufAllocator.DEFAULT, sink);
    }
    assertEquals(expected, good);
    return out.toString();
  }

  @Test
  void writesEachFraming() {
    assertEquals("ab", write(Framing.ofLength(2), true, null, "a", "b"));
    assertEquals("ab", write(Framing.UNTIL_CLOSE, true, null, "a", "b"));
    assertEquals("", write(Framing.NONE, true, null, "a"));
    assertEquals("1\r\na\r\n1\r\nb\r\n0\r\n\r\n", write(Framing.CHUNKED, true, null, "a", "b"));
    assertEquals("1\r\na\r\n0\r\n\r\n", write(Framing.CHUNKED, true, null, "a", "", ""));
    String big = "x".repeat(4096);
    assertEquals("1000\r\n" + big + "\r\n0\r\n\r\n", write(Framing.CHUNKED, true, null, big));
    assertEquals(
        "1000\r\n" + big + "\r\n1\r\na\r\n0\r\n\r\n", write(Framing.CHUNKED, true, null, big, "a"));
  }

  @Test
  void saysWhenABodyDoesNotFitItsLength() {
    write(Framing.ofLength(2), false, null, "a");
    write(Framing.ofLength(2), false, null, "abc");
    assertEquals("ab", write(Framing.ofLength(2), false, null, "ab", "c"));
  }

  @Test
  void writesTrailersThatAreAdmitted() {
    Fields trailers = new Fields();
    trailers.add("x-sum", "1");
    trailers.add("content-length", "5");
    trailers.add("y", "a\r\nInjected: b");
    assertEquals(
        "1\r\na\r\n0\r\nx-sum: 1\r\ny: a  Injected: b\r\n\r\n",
        write(Framing.CHUNKED, true, trailers, "a"));
    assertEquals("a", write(Framing.ofLength(1), true, trailers, "a"));
  }

  @Test
  void everyChunkSizeReadsBack() {
    for (int size : new int[] {1, 15, 16, 17, 255, 256, 1023, 1024, 4095, 4096, 65_535, 65_536}) {
      String data = "z".repeat(size);
      String wire = write(Framing.CHUNKED, true, null, data);
      assertTrue(wire.startsWith(Integer.toHexString(size) + "\r\n"));
      assertEquals(data + "$/", decode(Framing.CHUNKED, wire, 0, 1 << 20));
    }
  }
}
