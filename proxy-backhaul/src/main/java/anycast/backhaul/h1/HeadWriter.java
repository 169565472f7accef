package anycast.backhaul.h1;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/// Writes heads and decides how their bodies are framed.
///
/// Nothing that is handed in can end a line early: a field whose name is no token is left out, CR,
/// LF and NUL in a value become blanks (RFC 9110 §5.5), and a byte that a request line may not have
/// goes out as a percent escape. Hop-by-hop fields in the list are left out; this writer says what
/// belongs to its own hop.
///
/// **Threading.** Pure; any thread. **Ownership.** The buffer stays the caller's and grows.
public final class HeadWriter {
  private static final byte[] HTTP11_HOST = ascii(" HTTP/1.1\r\nhost: ");
  private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
  private static final byte[] NO_LENGTH = ascii("content-length: 0\r\n");
  private static final byte[] CLOSE = ascii("connection: close\r\n");
  private static final byte[] KEEP_ALIVE = ascii("connection: keep-alive\r\n");
  private static final byte[] TE = ascii("connection: te\r\n");
  private static final byte[] UPGRADE = ascii("connection: upgrade\r\nupgrade: websocket\r\n");
  private static final byte[] HEX = ascii("0123456789ABCDEF");
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString POST = AsciiString.cached("POST");
  private static final AsciiString PUT = AsciiString.cached("PUT");
  private static final AsciiString PATCH = AsciiString.cached("PATCH");
  private static final int CRLF = '\r' << 8 | '\n';
  private static final int COLON_BLANK = ':' << 8 | ' ';

  private HeadWriter() {}

  /// What the request said about its answer.
  ///
  /// @param headMethod it was a HEAD: no body, whatever the fields say
  /// @param http10 no chunks
  /// @param keepAlive the connection stays open after the response, if framing admits it
  public record Recipient(boolean headMethod, boolean http10, boolean keepAlive) {}

  /// Appends a request head in origin form and says how its body is to be framed: `UNTIL_CLOSE` for
  /// an upgrade, whose bytes follow raw once the answer is 101.
  ///
  /// @param end no body follows
  public static Framing writeRequest(ByteBuf out, RequestHead head, boolean end) {
    boolean upgrade = head.upgrade() != null;
    writeTarget(out, upgrade ? GET : head.method());
    out.writeByte(' ');
    writeTarget(out, head.path());
    out.writeBytes(HTTP11_HOST);
    writeTarget(out, head.authority());
    out.writeShort(CRLF);
    long length = upgrade || end ? -1 : length(head.fields());
    boolean trailersWelcome = writeFields(out, head.fields(), length >= 0);
    Framing framing;
    if (upgrade) {
      out.writeBytes(UPGRADE);
      framing = Framing.UNTIL_CLOSE;
    } else {
      if (trailersWelcome) {
        out.writeBytes(TE);
      }
      if (end) {
        if (meansBody(head.method())) {
          out.writeBytes(NO_LENGTH);
        }
        framing = Framing.NONE;
      } else if (length >= 0) {
        framing = Framing.ofLength(length);
      } else {
        out.writeBytes(CHUNKED);
        framing = Framing.CHUNKED;
      }
    }
    out.writeShort(CRLF);
    return framing;
  }

  /// Appends a final head or 101, and says how its body is to be framed; `UNTIL_CLOSE` after 101,
  /// for the other protocol's bytes.
  ///
  /// @param end no body follows
  public static Framing writeResponse(ByteBuf out, ResponseHead head, Recipient to, boolean end) {
    int status = head.status();
    out.writeBytes(Reasons.statusLine(status));
    Framing framing;
    if (status == 101) {
      writeFields(out, head.fields(), false);
      out.writeBytes(UPGRADE);
      out.writeShort(CRLF);
      return Framing.UNTIL_CLOSE;
    }
    if (to.headMethod || status == 204 || status == 304) {
      writeFields(out, head.fields(), status != 204);
      framing = Framing.NONE;
    } else if (end) {
      writeFields(out, head.fields(), false);
      out.writeBytes(NO_LENGTH);
      framing = Framing.NONE;
    } else {
      framing = writeWithBody(out, head.fields(), to);
    }
    if (status == 426) {
      // Whoever says 426 has to name a protocol (RFC 9110 §15.5.22); this hop knows one.
      out.writeBytes(UPGRADE);
    }
    if (!to.keepAlive || framing.kind() == Framing.Kind.UNTIL_CLOSE) {
      out.writeBytes(CLOSE);
    } else if (to.http10) {
      out.writeBytes(KEEP_ALIVE);
    }
    out.writeShort(CRLF);
    return framing;
  }

  /// Appends a 1xx head other than 101.
  public static void writeInformational(ByteBuf out, ResponseHead head) {
    out.writeBytes(Reasons.statusLine(head.status()));
    writeFields(out, head.fields(), false);
    out.writeShort(CRLF);
  }

  private static Framing writeWithBody(ByteBuf out, Fields fields, Recipient to) {
    long length = length(fields);
    writeFields(out, fields, length >= 0);
    if (length >= 0) {
      return Framing.ofLength(length);
    }
    if (to.http10) {
      return Framing.UNTIL_CLOSE;
    }
    out.writeBytes(CHUNKED);
    return Framing.CHUNKED;
  }

  /// @return whether `te` was among them
  private static boolean writeFields(ByteBuf out, Fields fields, boolean withLength) {
    boolean te = false;
    byte[] a = fields.array();
    for (int i = 0; i < fields.size(); i++) {
      switch (FieldName.of(a, fields.nameStart(i), fields.nameLength(i))) {
        case CONNECTION,
            HOST,
            HTTP2_SETTINGS,
            KEEP_ALIVE,
            PROXY_CONNECTION,
            TRANSFER_ENCODING,
            UPGRADE -> {}
        case CONTENT_LENGTH -> {
          if (withLength) {
            writeField(out, fields, i);
          }
        }
        case TE -> {
          te = true;
          writeField(out, fields, i);
        }
        case EXPECT, OTHER -> writeField(out, fields, i);
      }
    }
    return te;
  }

  /// Appends field `i` as a line; nothing where its name is no token.
  static void writeField(ByteBuf out, Fields fields, int i) {
    byte[] a = fields.array();
    int name = fields.nameStart(i);
    if (!Grammar.tokens(a, name, name + fields.nameLength(i))) {
      return;
    }
    out.writeBytes(a, name, fields.nameLength(i));
    out.writeShort(COLON_BLANK);
    int value = fields.valueStart(i);
    int end = value + fields.valueLength(i);
    for (int at = value; at < end; ) {
      int stop = at;
      while (stop < end && a[stop] != '\r' && a[stop] != '\n' && a[stop] != 0) {
        stop++;
      }
      out.writeBytes(a, at, stop - at);
      if (stop < end) {
        out.writeByte(' ');
      }
      at = stop + 1;
    }
    out.writeShort(CRLF);
  }

  private static void writeTarget(ByteBuf out, AsciiString text) {
    byte[] a = text.array();
    int start = text.arrayOffset();
    int end = start + text.length();
    for (int i = start; i < end; i++) {
      int b = a[i] & 0xff;
      if (b <= ' ' || b >= 0x7f) {
        out.writeByte('%');
        out.writeByte(HEX[b >> 4]);
        out.writeByte(HEX[b & 15]);
      } else {
        out.writeByte(b);
      }
    }
  }

  /// The one valid content-length, or -1.
  private static long length(Fields fields) {
    int i = fields.find(FieldName.CONTENT_LENGTH.text);
    if (i < 0
        || fields.find(FieldName.CONTENT_LENGTH.text, i + 1) >= 0
        || fields.valueLength(i) == 0
        || fields.valueLength(i) > 18) {
      return -1;
    }
    byte[] a = fields.array();
    long length = 0;
    for (int at = fields.valueStart(i); at < fields.valueStart(i) + fields.valueLength(i); at++) {
      if (!Grammar.digit(a[at])) {
        return -1;
      }
      length = length * 10 + a[at] - '0';
    }
    return length;
  }

  private static boolean meansBody(AsciiString method) {
    return method.contentEquals(POST) || method.contentEquals(PUT) || method.contentEquals(PATCH);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
