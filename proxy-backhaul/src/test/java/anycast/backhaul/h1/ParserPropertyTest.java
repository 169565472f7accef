package anycast.backhaul.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ParserPropertyTest {
  private static final AsciiString HTTPS = AsciiString.of("https");

  /// Reads a connection's bytes as requests with bodies, and tells all it saw.
  static String story(byte[] bytes, List<Integer> splits) {
    RequestParser parser = new RequestParser(HTTPS);
    BodyDecoder decoder = new BodyDecoder(FaultKind.BAD_REQUEST);
    StringBuilder story = new StringBuilder();
    boolean inBody = false;
    int at = 0;
    ByteBuf pending = Unpooled.buffer();
    for (int i = 0; at < bytes.length; i++) {
      int step = splits.isEmpty() ? bytes.length : splits.get(i % splits.size());
      int count = Math.min(step, bytes.length - at);
      pending.writeBytes(bytes, at, count);
      at += count;
      boolean more = true;
      while (more) {
        if (inBody) {
          switch (decoder.read(pending, 7)) {
            case BodyRead.Incomplete _ -> more = false;
            case BodyRead.Part(ByteBuf part, boolean end) -> {
              story.append(Bytes.text(part));
              part.release();
              inBody = !end;
              story.append(end ? "$\n" : "");
            }
            case BodyRead.End(Fields trailers) -> {
              story.append('$').append(trailers == null ? "" : Bytes.text(trailers)).append('\n');
              inBody = false;
            }
            case BodyRead.Refused(var fault) -> {
              pending.release();
              return story.append(fault.kind()).toString();
            }
          }
        } else {
          switch (parser.read(pending)) {
            case RequestRead.Incomplete _ -> more = false;
            case RequestRead.Complete(RequestHead head, Framing framing, _, _, _) -> {
              story.append(head).append(Bytes.text(head.fields())).append(framing).append('\n');
              decoder.begin(framing);
              inBody = framing.hasBody();
            }
            case RequestRead.Refused(var fault) -> {
              pending.release();
              return story.append(fault.kind()).toString();
            }
          }
        }
      }
    }
    pending.release();
    return story.toString();
  }

  @Provide
  Arbitrary<byte[]> almostRequests() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "GET / HTTP/1.1\r\n",
            "POST /a HTTP/1.1\r\n",
            "Host: a.test\r\n",
            "\r\n",
            "\n",
            "\r",
            "Content-Length: 5\r\n",
            "hello",
            "Transfer-Encoding: chunked\r\n",
            "5\r\nhello\r\n",
            "0\r\n",
            "0\r\n\r\n",
            "X: y\r\n",
            " ",
            "5;a=\"b\"\r\n",
            "Connection: close\r\n",
            "Host: a\r\n\r\n",
            "PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            ":",
            "\0",
            "HTTP/1.1");
    return piece
        .list()
        .ofMinSize(1)
        .ofMaxSize(20)
        .map(pieces -> String.join("", pieces).getBytes(StandardCharsets.ISO_8859_1));
  }

  @Property(tries = 500)
  void anySplitOfTheBytesTellsTheSame(
      @ForAll("almostRequests") byte[] bytes,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 40) Integer> splits) {
    assertEquals(story(bytes, List.of()), story(bytes, splits));
  }

  @Property(tries = 500)
  void garbageNeverThrowsAndNeverBecomesASecondRequest(@ForAll byte[] garbage) {
    byte[] after = "GET /smug HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    byte[] lead = "\0".getBytes(StandardCharsets.ISO_8859_1);
    ByteBuf joined = Unpooled.wrappedBuffer(lead, garbage, after);
    byte[] all = new byte[joined.readableBytes()];
    joined.readBytes(all);
    joined.release();
    String story = story(all, List.of(3));
    assertEquals(-1, story.indexOf("/smug"), story);
  }

  @Provide
  Arbitrary<String> tokens() {
    return Arbitraries.strings()
        .withChars("abcxyz-_!~09")
        .ofMinLength(1)
        .ofMaxLength(12)
        .map(name -> "x-" + name);
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.strings()
        .withCharRange('!', '~')
        .withChars('\u00e4', '\u00ff', ',', ';')
        .ofMaxLength(60);
  }

  @Property(tries = 300)
  void whatIsWrittenReadsBack(
      @ForAll("tokens") String name,
      @ForAll("values") String value,
      @ForAll("values") String second,
      @ForAll boolean end) {
    Fields fields = new Fields();
    fields.add(name, value);
    fields.add(name, second);
    RequestHead head =
        new RequestHead(
            AsciiString.of("PUT"),
            HTTPS,
            AsciiString.of("a.test:81"),
            AsciiString.of("/p"),
            null,
            fields);
    ByteBuf wire = Unpooled.buffer();
    Framing framing = HeadWriter.writeRequest(wire, head, end);
    RequestRead.Complete read = (RequestRead.Complete) new RequestParser(HTTPS).read(wire);
    assertEquals(framing, read.framing());
    assertEquals(head.authority(), read.head().authority());
    Fields back = read.head().fields();
    back.removeAll(AsciiString.of("content-length"));
    assertEquals(Bytes.text(fields), Bytes.text(back));
    wire.release();
  }
}
