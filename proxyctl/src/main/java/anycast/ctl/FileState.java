package anycast.ctl;

import anycast.routing.feed.CellJson;
import anycast.routing.feed.Cells;
import anycast.routing.feed.Table;
import anycast.routing.feed.nats.NatsState;
import anycast.routing.feed.sqlite.OwnersFile;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A file as a place of state: a row a line, and a last line that counts them, without which the
/// file is not whole.
///
/// ```
/// {"table":"apps","cells":["shop",1]}
/// {"table":"apps","key":"torn","raw":"WyJ0b3Ju"}
/// {"rows":2}
/// ```
///
/// A row that is no array of cells is carried as the bytes that it is, in base64. It is written
/// beside the file and renamed at the end, for its owner's eyes only: keys of certificates are in
/// it.
final class FileState implements StatePlace {
  private static final JsonFactory JSON = new JsonFactory();

  private final Path file;
  private final Path part;
  private Map<Table, List<StateRow>> rows;
  private BufferedWriter out;
  private long written;

  FileState(Path file) {
    this.file = file;
    this.part = file.resolveSibling(file.getFileName() + ".part");
  }

  @Override
  public List<StateRow> read(Table table) throws IOException {
    if (rows == null) {
      rows = Files.exists(file) ? whole() : new EnumMap<>(Table.class);
    }
    return rows.getOrDefault(table, List.of());
  }

  private Map<Table, List<StateRow>> whole() throws IOException {
    Map<Table, List<StateRow>> all = new EnumMap<>(Table.class);
    long count = 0;
    long counted = -1;
    try (BufferedReader in = Files.newBufferedReader(file)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (counted >= 0) {
          throw new IOException(file + " goes on after its last line");
        }
        try (JsonParser json = JSON.createParser(line)) {
          Line read = line(json);
          if (read.row().isPresent()) {
            StateRow row = read.row().get();
            all.computeIfAbsent(row.table(), _ -> new ArrayList<>()).add(row);
            count++;
          } else {
            counted = read.rows();
          }
        } catch (IOException | IllegalArgumentException e) {
          throw new IOException(file + " line " + (count + 1) + " cannot be read: " + words(e), e);
        }
      }
    }
    if (counted != count) {
      throw new IOException(
          file + " is not whole: its last line does not count " + count + " rows");
    }
    return all;
  }

  private static String words(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage().lines().findFirst().orElse("");
  }

  private record Line(Optional<StateRow> row, long rows) {}

  private static Line line(JsonParser json) throws IOException {
    String table = "";
    String key = "";
    byte[] raw = null;
    Cells cells = null;
    long count = -1;
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("it is not an object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "table" -> table = json.getText();
        case "key" -> key = json.getText();
        case "raw" -> raw = Base64.getDecoder().decode(json.getText());
        case "rows" -> count = json.getLongValue();
        case "cells" -> cells = value == JsonToken.START_ARRAY ? CellJson.read(json) : null;
        default -> throw new IOException("it has the unknown field " + name);
      }
    }
    if (count >= 0) {
      return new Line(Optional.empty(), count);
    }
    String label = table;
    Table of =
        Table.of(label).orElseThrow(() -> new IOException("there is no table '" + label + "'"));
    if (raw != null) {
      return new Line(Optional.of(new StateRow(of, NatsState.stored(of, key, raw))), -1);
    }
    if (cells instanceof Cells.Values(List<Object> values)) {
      return new Line(Optional.of(new StateRow(of, NatsState.stored(of, values))), -1);
    }
    throw new IOException("it has neither cells nor raw");
  }

  @Override
  public Optional<String> objection(StateRow row) {
    return Optional.empty();
  }

  @Override
  public void prepare() throws IOException {
    Files.deleteIfExists(part);
    OwnersFile.make(part);
    out = Files.newBufferedWriter(part);
  }

  @Override
  public void write(Table table, List<StateRow> all, List<StateRow> gone) throws IOException {
    for (StateRow row : all) {
      out.write(text(row));
      out.write('\n');
      written++;
    }
  }

  private static String text(StateRow row) throws IOException {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("table", row.table().label());
      if (isCells(row)) {
        json.writeArrayFieldStart("cells");
        for (Object cell : ((Cells.Values) row.stored().cells()).values()) {
          CellJson.write(json, cell);
        }
        json.writeEndArray();
      } else {
        json.writeStringField("key", row.key());
        json.writeStringField("raw", Base64.getEncoder().encodeToString(row.stored().value()));
      }
      json.writeEndObject();
    }
    return line.toString();
  }

  private static boolean isCells(StateRow row) {
    return switch (row.stored().cells()) {
      case Cells.Values _ -> true;
      case Cells.Unreadable _ -> false;
    };
  }

  @Override
  public void finish() throws IOException {
    out.write("{\"rows\":" + written + "}\n");
    out.close();
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    rows = null; // what is read back is what was written
  }

  @Override
  public void close() {
    if (out != null) {
      try {
        out.close();
        Files.deleteIfExists(part);
      } catch (IOException e) {
        // what is left is a .part that nobody reads
      }
    }
  }
}
