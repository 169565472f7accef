package anycast.routing.feed.sqlite;

import anycast.routing.feed.CellJson;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  static byte[] row(long rowid, Object[] cells) {
    return line(out -> {
      out.writeArrayFieldStart("row");
      out.writeNumber(rowid);
      cells(out, cells);
      out.writeEndArray();
    });
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

  static byte[] change(String kind, long rowid, Object[] cells, long changeId) {
    return line(out -> {
      out.writeArrayFieldStart("change");
      out.writeString(kind);
      out.writeNumber(rowid);
      cells(out, cells);
      out.writeNumber(changeId);
      out.writeEndArray();
    });
  }

  static byte[] error(String message) {
    return line(out -> out.writeStringField("error", message));
  }

  private static void cells(JsonGenerator out, Object[] cells) throws IOException {
    out.writeStartArray();
    for (Object cell : cells) {
      CellJson.write(out, cell);
    }
    out.writeEndArray();
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
