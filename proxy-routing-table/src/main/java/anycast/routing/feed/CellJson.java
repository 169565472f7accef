package anycast.routing.feed;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Cells as untagged JSON: NULL is `null`, INTEGER a whole number of 64 bits, REAL a number with a
/// fraction or exponent, TEXT a string, BLOB an array of byte numbers.
public final class CellJson {
  private CellJson() {}

  /// Reads an array of cells; the parser stands on its `[` and ends on its `]`.
  ///
  /// A cell that is no cell (an object, a number beyond 64 bits) makes the row unreadable, not the
  /// stream: the parser goes on behind it.
  public static Cells read(JsonParser in) throws IOException {
    List<Object> cells = new ArrayList<>();
    String damage = null;
    for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
      Object cell = null;
      switch (token) {
        case VALUE_NULL -> {}
        case VALUE_STRING -> cell = in.getText();
        case VALUE_TRUE -> cell = Boolean.TRUE;
        case VALUE_FALSE -> cell = Boolean.FALSE;
        case VALUE_NUMBER_FLOAT -> cell = in.getDoubleValue();
        case VALUE_NUMBER_INT -> {
          if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            damage = "cell " + cells.size() + " is a number beyond 64 bits";
          } else {
            cell = in.getLongValue();
          }
        }
        case START_ARRAY -> {
          cell = bytes(in);
          if (cell == null) {
            damage = "cell " + cells.size() + " is an array of something else than bytes";
          }
        }
        case START_OBJECT -> {
          in.skipChildren();
          damage = "cell " + cells.size() + " is an object";
        }
        case null, default -> throw new IOException("a row that does not end");
      }
      cells.add(cell);
    }
    return damage == null ? new Cells.Values(cells) : new Cells.Unreadable(damage);
  }

  /// @return null where an element is not a byte; the parser stands on `]` either way
  private static byte[] bytes(JsonParser in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean whole = true;
    for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
      if (token == null) {
        throw new IOException("a row that does not end");
      }
      in.skipChildren();
      boolean small =
          token == JsonToken.VALUE_NUMBER_INT
              && in.getNumberType() == JsonParser.NumberType.INT
              && in.getIntValue() >= 0
              && in.getIntValue() <= 255;
      if (small) {
        out.write(in.getIntValue());
      } else {
        whole = false;
      }
    }
    return whole ? out.toByteArray() : null;
  }

  /// Writes one cell; non-finite numbers become `null`, as they do in an agent.
  public static void write(JsonGenerator out, Object cell) throws IOException {
    switch (cell) {
      case null -> out.writeNull();
      case Long number -> out.writeNumber(number);
      case Integer number -> out.writeNumber(number);
      case Double number -> {
        if (Double.isFinite(number)) {
          out.writeNumber(number);
        } else {
          out.writeNull();
        }
      }
      case String text -> out.writeString(text);
      case Boolean flag -> out.writeBoolean(flag);
      case byte[] bytes -> {
        out.writeStartArray();
        for (byte b : bytes) {
          out.writeNumber(b & 0xff);
        }
        out.writeEndArray();
      }
      default -> throw new IllegalArgumentException("no cell: " + cell.getClass().getName());
    }
  }
}
