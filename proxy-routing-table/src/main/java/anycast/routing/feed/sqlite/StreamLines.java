package anycast.routing.feed.sqlite;

import anycast.routing.feed.CellJson;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/// The lines of a query's or subscription's body, each with its newline.
final class StreamLines {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int NANOS_PER_SECOND = 1_000_000_000;

  private interface Body {
    void write(JsonGenerator out) throws IOException;
  }

  private StreamLines() {}

  static byte[] columns(List<String> names) {
    return line(out -> {
      out.writeArrayFieldStart("columns");
      for (String name : names) {
        out.writeString(name);
      }
      out.writeEndArray();
    });
  }

  /// @param cells as JSON array
  static byte[] row(long rowid, byte[] cells) {
    return joined("{\"row\":[" + rowid + ",", cells, "]}\n");
  }

  static byte[] endOfQuery(long nanos, OptionalLong changeId) {
    return line(out -> {
      out.writeObjectFieldStart("eoq");
      out.writeNumberField("time", (double) nanos / NANOS_PER_SECOND);
      if (changeId.isPresent()) {
        out.writeNumberField("change_id", changeId.getAsLong());
      }
      out.writeEndObject();
    });
  }

  /// @param cells as JSON array
  /// @param more whether the next change takes effect together with this one: said by a space at
  ///   the line's end, which is nothing to whoever does not look for it
  static byte[] change(String kind, long rowid, byte[] cells, long changeId, boolean more) {
    String end = "," + changeId + (more ? "]} \n" : "]}\n");
    return joined("{\"change\":[\"" + kind + "\"," + rowid + ",", cells, end);
  }

  /// @param key as JSON array
  static byte[] notice(String kind, byte[] key) {
    return joined("{\"notify\":[\"" + kind + "\",", key, "]}\n");
  }

  private static byte[] joined(String before, byte[] middle, String after) {
    byte[] line = Arrays.copyOf(ascii(before), before.length() + middle.length + after.length());
    System.arraycopy(middle, 0, line, before.length(), middle.length);
    System.arraycopy(ascii(after), 0, line, before.length() + middle.length, after.length());
    return line;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// An error that is the whole body, without a newline.
  static String errorText(String message) {
    return new String(error(message), StandardCharsets.UTF_8).strip();
  }

  static byte[] error(String message) {
    return line(out -> out.writeStringField("error", message));
  }

  /// Cells as JSON array, as they stand in rows, changes and notices.
  static byte[] array(Object[] cells) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartArray();
      for (Object cell : cells) {
        CellJson.write(out, cell);
      }
      out.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] line(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      body.write(out);
      out.writeEndObject();
      out.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
