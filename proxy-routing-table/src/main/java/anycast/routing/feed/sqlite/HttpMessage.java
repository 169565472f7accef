package anycast.routing.feed.sqlite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// One HTTP/1.1 request, read whole (RFC 9112).
///
/// @param path without the query part
/// @param query parameters, undecoded: none of this API's needs escapes
/// @param fields by lower-case name
record HttpMessage(
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> fields,
    byte[] body,
    boolean keepAlive) {

  /// Several times what any client of this API sends.
  private static final int MAX_HEAD_BYTES = 16 * 1024;

  /// A publisher's whole node with certificates fits in; larger transactions should be several.
  static final int MAX_BODY_BYTES = 16 << 20;

  /// The request cannot be understood; the connection ends after the answer.
  static final class BadRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    BadRequestException(int status, String message) {
      super(message);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /// Reads the next request.
  ///
  /// @param out where `100 Continue` goes if the client waits for it
  /// @return null where the client is done
  static HttpMessage read(InputStream in, OutputStream out)
      throws IOException, BadRequestException {
    String head = head(in);
    if (head == null) {
      return null;
    }
    String[] lines = head.split("\r?\n");
    String[] start = lines[0].split(" ", -1);
    if (start.length != 3 || !start[2].startsWith("HTTP/1.")) {
      throw new BadRequestException(
          lines[0].startsWith("PRI * HTTP/2") ? 505 : 400, "HTTP/1.1 is spoken here");
    }
    Map<String, String> fields = fields(lines);
    byte[] body = body(in, out, fields);
    String target = start[1];
    int mark = target.indexOf('?');
    String connection = fields.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
    return new HttpMessage(
        start[0],
        mark < 0 ? target : target.substring(0, mark),
        mark < 0 ? Map.of() : query(target.substring(mark + 1)),
        fields,
        body,
        start[2].equals("HTTP/1.1") && !connection.contains("close"));
  }

  private static String head(InputStream in) throws IOException, BadRequestException {
    ByteArrayOutputStream head = new ByteArrayOutputStream(512);
    int lineLength = 0;
    while (true) {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      if (b == '\n') {
        if (lineLength == 0 && head.size() > 0) {
          return head.toString(StandardCharsets.ISO_8859_1);
        }
        lineLength = 0;
        // an empty line before the request line is allowed (RFC 9112 §2.2)
        if (head.size() > 0) {
          head.write(b);
        }
        continue;
      }
      if (b != '\r') {
        lineLength++;
        head.write(b);
      }
      if (head.size() > MAX_HEAD_BYTES) {
        throw new BadRequestException(431, "a head of more than " + MAX_HEAD_BYTES + " bytes");
      }
    }
  }

  private static Map<String, String> fields(String[] lines) throws BadRequestException {
    Map<String, String> fields = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 1 || lines[i].charAt(colon - 1) == ' ' || lines[i].charAt(0) == ' ') {
        throw new BadRequestException(400, "a field without a name");
      }
      String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
      String value = lines[i].substring(colon + 1).strip();
      String before = fields.put(name, value);
      if (before != null && name.equals("content-length") && !before.equals(value)) {
        throw new BadRequestException(400, "two lengths");
      }
    }
    return fields;
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String pair : text.split("&")) {
      int equals = pair.indexOf('=');
      query.put(
          equals < 0 ? pair : pair.substring(0, equals),
          equals < 0 ? "" : pair.substring(equals + 1));
    }
    return query;
  }

  private static byte[] body(InputStream in, OutputStream out, Map<String, String> fields)
      throws IOException, BadRequestException {
    String coding = fields.get("transfer-encoding");
    String length = fields.get("content-length");
    if (coding != null && length != null) {
      throw new BadRequestException(400, "both a length and a transfer coding");
    }
    if (coding == null && length == null) {
      return new byte[0];
    }
    if ("100-continue".equalsIgnoreCase(fields.get("expect"))) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked")) {
        throw new BadRequestException(501, "an unknown transfer coding");
      }
      return chunks(in);
    }
    int wanted = number(length, 10);
    byte[] body = in.readNBytes(wanted);
    if (body.length < wanted) {
      throw new IOException("the body was cut");
    }
    return body;
  }

  private static byte[] chunks(InputStream in) throws IOException, BadRequestException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String line = line(in);
      int semicolon = line.indexOf(';');
      int size = number((semicolon < 0 ? line : line.substring(0, semicolon)).strip(), 16);
      if (size == 0) {
        while (!line(in).isEmpty()) {
          // trailers mean nothing here
        }
        return body.toByteArray();
      }
      if (body.size() + size > MAX_BODY_BYTES) {
        throw tooLong();
      }
      body.write(in.readNBytes(size));
      line(in);
    }
  }

  private static String line(InputStream in) throws IOException, BadRequestException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the body was cut");
      }
      if (b != '\r') {
        line.append((char) b);
      }
      if (line.length() > 1024) {
        throw new BadRequestException(400, "a chunk line that does not end");
      }
    }
    return line.toString();
  }

  private static int number(String text, int radix) throws BadRequestException {
    try {
      long number = text.startsWith("+") ? -1 : Long.parseLong(text, radix);
      if (number > MAX_BODY_BYTES) {
        throw tooLong();
      }
      if (number >= 0) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new BadRequestException(400, "a length that is no number");
  }

  private static BadRequestException tooLong() {
    return new BadRequestException(413, "a body of more than " + MAX_BODY_BYTES + " bytes");
  }
}
