package anycast.routing.feed.corrosion;

import anycast.routing.feed.CellJson;
import anycast.routing.feed.Cells;
import anycast.routing.feed.SourceEvent;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One line of a query's or subscription's body.
sealed interface StreamLine {
  /// Begins a snapshot.
  record Columns(List<String> names) implements StreamLine {}

  record Row(long rowid, Cells cells) implements StreamLine {}

  /// Ends a snapshot; a plain query's end has no change id.
  record EndOfQuery(OptionalLong changeId) implements StreamLine {}

  /// @param more whether the next change takes effect together with this one; an agent that does
  ///   not say so tells single changes
  record Change(SourceEvent.Kind kind, long rowid, Cells cells, long changeId, boolean more)
      implements StreamLine {}

  record Failure(String message) implements StreamLine {}

  /// A kind of line that this version does not know.
  record Unknown() implements StreamLine {}

  /// Reads a line.
  ///
  /// @throws IOException where it is not one: the stream is then not to be trusted any more
  static StreamLine of(LineSplitter.Line line) throws IOException {
    return line.overlong() ? Reader.overlong(line) : Reader.whole(line);
  }

  /// How lines are read.
  final class Reader {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String TOO_LONG =
        "longer than " + LineSplitter.MAX_LINE_BYTES + " bytes as JSON";
    private static final Pattern ROW_HEAD = Pattern.compile("\\{\"row\":\\[(\\d{1,18}),.*");
    private static final Pattern CHANGE_HEAD =
        Pattern.compile("\\{\"change\":\\[\"(insert|update|delete)\",(\\d{1,18}),.*");
    private static final Pattern CHANGE_TAIL = Pattern.compile(".*\\],(\\d{1,18})\\]\\}");

    private Reader() {}

    private static StreamLine overlong(LineSplitter.Line line) throws IOException {
      int ends = LineSplitter.ENDS_BYTES;
      String head = new String(line.bytes(), 0, ends, StandardCharsets.ISO_8859_1);
      String tail = new String(line.bytes(), ends, ends, StandardCharsets.ISO_8859_1);
      Matcher row = ROW_HEAD.matcher(head);
      if (row.matches()) {
        return new Row(Long.parseLong(row.group(1)), beginning(line, row.end(1) + 1));
      }
      Matcher change = CHANGE_HEAD.matcher(head);
      Matcher id = CHANGE_TAIL.matcher(tail.strip());
      if (change.matches() && id.matches()) {
        return new Change(
            kind(change.group(1)),
            Long.parseLong(change.group(2)),
            beginning(line, change.end(2) + 1),
            Long.parseLong(id.group(1)),
            tail.endsWith(" "));
      }
      throw new IOException("an overlong line that is no row");
    }

    /// Texts that the row begins with, which its key is among: a row that becomes too long must be
    /// known for what it is, also where it came in place of another one.
    ///
    /// @param at where the array of cells begins
    private static Cells beginning(LineSplitter.Line line, int at) throws IOException {
      List<Object> first = new ArrayList<>();
      try (JsonParser in = JSON.createParser(line.bytes(), at, LineSplitter.ENDS_BYTES - at)) {
        if (in.nextToken() == JsonToken.START_ARRAY) {
          while (in.nextToken() == JsonToken.VALUE_STRING) {
            first.add(in.getText());
          }
        }
      } catch (JsonProcessingException e) {
        // Within the cell that is cut off; those before it count.
      }
      return new Cells.Unreadable(TOO_LONG, first);
    }

    private static StreamLine whole(LineSplitter.Line line) throws IOException {
      try (JsonParser in = JSON.createParser(line.bytes(), line.offset(), line.length())) {
        want(in.nextToken(), JsonToken.START_OBJECT);
        want(in.nextToken(), JsonToken.FIELD_NAME);
        String name = in.currentName();
        in.nextToken();
        StreamLine read =
            switch (name) {
              case "row" -> row(in);
              case "change" -> change(in, line.bytes()[line.offset() + line.length() - 1] == ' ');
              case "columns" -> columns(in);
              case "eoq" -> endOfQuery(in);
              case "error" -> new Failure(in.getText());
              default -> {
                in.skipChildren();
                yield new Unknown();
              }
            };
        // more fields may follow in later versions
        while (in.nextToken() == JsonToken.FIELD_NAME) {
          in.nextToken();
          in.skipChildren();
        }
        want(in.currentToken(), JsonToken.END_OBJECT);
        if (in.nextToken() != null) {
          throw new IOException("a line that goes on behind its event");
        }
        return read;
      }
    }

    private static Row row(JsonParser in) throws IOException {
      want(in.currentToken(), JsonToken.START_ARRAY);
      long rowid = number(in);
      want(in.nextToken(), JsonToken.START_ARRAY);
      Cells cells = CellJson.read(in);
      want(in.nextToken(), JsonToken.END_ARRAY);
      return new Row(rowid, cells);
    }

    private static Change change(JsonParser in, boolean more) throws IOException {
      want(in.currentToken(), JsonToken.START_ARRAY);
      want(in.nextToken(), JsonToken.VALUE_STRING);
      SourceEvent.Kind kind = kind(in.getText());
      long rowid = number(in);
      want(in.nextToken(), JsonToken.START_ARRAY);
      Cells cells = CellJson.read(in);
      long changeId = number(in);
      want(in.nextToken(), JsonToken.END_ARRAY);
      return new Change(kind, rowid, cells, changeId, more);
    }

    private static Columns columns(JsonParser in) throws IOException {
      want(in.currentToken(), JsonToken.START_ARRAY);
      List<String> names = new ArrayList<>();
      while (in.nextToken() == JsonToken.VALUE_STRING) {
        names.add(in.getText());
      }
      want(in.currentToken(), JsonToken.END_ARRAY);
      return new Columns(names);
    }

    private static EndOfQuery endOfQuery(JsonParser in) throws IOException {
      want(in.currentToken(), JsonToken.START_OBJECT);
      OptionalLong changeId = OptionalLong.empty();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        if (in.nextToken() == JsonToken.VALUE_NUMBER_INT && name.equals("change_id")) {
          changeId = OptionalLong.of(in.getLongValue());
        } else {
          in.skipChildren();
        }
      }
      want(in.currentToken(), JsonToken.END_OBJECT);
      return new EndOfQuery(changeId);
    }

    private static SourceEvent.Kind kind(String name) throws IOException {
      return switch (name) {
        case "insert" -> SourceEvent.Kind.INSERT;
        case "update" -> SourceEvent.Kind.UPDATE;
        case "delete" -> SourceEvent.Kind.DELETE;
        default -> throw new IOException("a change of an unknown kind");
      };
    }

    private static long number(JsonParser in) throws IOException {
      want(in.nextToken(), JsonToken.VALUE_NUMBER_INT);
      return in.getLongValue();
    }

    private static void want(JsonToken got, JsonToken wanted) throws IOException {
      if (got != wanted) {
        throw new IOException("a line that is no event: " + wanted + " was due, " + got + " came");
      }
    }
  }
}
