package anycast.backhaul.h1;

import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// Raw messages as tests write them: one char a byte, `␤` for CR LF.
public final class Bytes {
  private Bytes() {}

  public static String raw(String text) {
    return text.replace("␤", "\r\n");
  }

  public static ByteBuf of(String text) {
    return Unpooled.copiedBuffer(raw(text), StandardCharsets.ISO_8859_1);
  }

  public static String text(ByteBuf bytes) {
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  /// `name: value` joined by `|`.
  public static String text(Fields fields) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields.size(); i++) {
      text.append(i == 0 ? "" : "|")
          .append(fields.name(i))
          .append(": ")
          .append(fields.valueText(i));
    }
    return text.toString();
  }
}
