package anycast.load.state;

import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.LastGoodStore;
import anycast.routing.feed.lastgood.SaveResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;

/// Writes a world as a last good table: `INSTANCES DIRECTORY`.
public final class SavePart {
  private SavePart() {}

  public static void main(String[] args) throws IOException {
    StateWorld world = new StateWorld(Integer.parseInt(args[0]));
    try (DirectoryDisk disk = DirectoryDisk.open(Path.of(args[1]))) {
      SaveResult result =
          new LastGoodStore(disk).save(world::each, 1, InstantSource.system().millis());
      if (!(result instanceof SaveResult.Saved)) {
        throw new IOException(result.toString());
      }
    }
    Told.tell(Told.DONE, 1);
  }
}
