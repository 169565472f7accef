package anycast.routing.sim;

import anycast.routing.feed.lastgood.Disk;
import anycast.routing.feed.lastgood.LastGood;
import anycast.routing.feed.lastgood.SaveResult;
import anycast.routing.model.Entity;
import anycast.routing.table.RoutingSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How last-good must not be kept: written in place, and believed as it is read. It is there to be
/// found out; what stands in the file are numbers of entities that this object knows.
final class NaiveFile {
  private static final String NAME = "table";
  private static final int LINE_BYTES = 12;

  private final Disk disk;
  private final Map<Long, List<Entity>> written = new HashMap<>();

  NaiveFile(Disk disk) {
    this.disk = disk;
  }

  SaveResult save(RoutingSnapshot snapshot, long asOf) {
    List<Entity> entities = new ArrayList<>();
    snapshot.eachEntity(entities::add);
    written.put(asOf, entities);
    try (Disk.Output out = disk.create(NAME)) {
      for (int i = 0; i < entities.size(); i++) {
        out.append(
            ByteBuffer.wrap("%05d %05d\n".formatted(asOf, i).getBytes(StandardCharsets.US_ASCII)));
      }
      out.sync();
      disk.syncDirectory();
      return new SaveResult.Saved(
          asOf, entities.size(), (long) entities.size() * LINE_BYTES, List.of());
    } catch (IOException e) {
      return new SaveResult.NotSaved(String.valueOf(e.getMessage()));
    }
  }

  LastGood load() {
    List<Entity> entities = new ArrayList<>();
    long asOf = 0;
    try (Disk.Input in = disk.open(NAME)) {
      ByteBuffer line = ByteBuffer.allocate(LINE_BYTES);
      for (long at = 0; at + LINE_BYTES <= in.sizeBytes(); at += LINE_BYTES) {
        in.read(line.clear());
        String text = new String(line.array(), StandardCharsets.US_ASCII);
        if (Character.isDigit(text.charAt(0)) && Character.isDigit(text.charAt(10))) {
          asOf = Long.parseLong(text.substring(0, 5));
          entities.add(written.get(asOf).get(Integer.parseInt(text.substring(6, 11))));
        }
      }
    } catch (IOException e) {
      return new LastGood.None();
    }
    return new LastGood.Loaded(entities, asOf, asOf, LastGood.Which.NEWEST, List.of());
  }
}
