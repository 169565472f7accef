package anycast.backhaul.h1;

import io.netty.util.AsciiString;
import java.util.Arrays;

/// Fields that a reader of heads does something about.
enum FieldName {
  CONNECTION("connection"),
  CONTENT_LENGTH("content-length"),
  EXPECT("expect"),
  HOST("host"),
  HTTP2_SETTINGS("http2-settings"),
  KEEP_ALIVE("keep-alive"),
  PROXY_CONNECTION("proxy-connection"),
  TE("te"),
  TRANSFER_ENCODING("transfer-encoding"),
  UPGRADE("upgrade"),
  OTHER("");

  private static final FieldName[][] BY_LENGTH = new FieldName[18][];

  static {
    for (int length = 0; length < BY_LENGTH.length; length++) {
      int wanted = length;
      BY_LENGTH[length] =
          Arrays.stream(values())
              .filter(name -> name != OTHER && name.text.length() == wanted)
              .toArray(FieldName[]::new);
    }
  }

  final AsciiString text;

  FieldName(String text) {
    this.text = AsciiString.cached(text);
  }

  static FieldName of(byte[] a, int start, int length) {
    if (length < BY_LENGTH.length) {
      for (FieldName name : BY_LENGTH[length]) {
        if (Arrays.equals(a, start, start + length, name.text.array(), 0, length)) {
          return name;
        }
      }
    }
    return OTHER;
  }
}
