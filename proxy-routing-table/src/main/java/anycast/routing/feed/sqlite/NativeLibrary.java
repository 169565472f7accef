package anycast.routing.feed.sqlite;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/// SQLite itself, loaded so that nothing of it stays behind.
///
/// The driver unpacks its library among the temporary files and removes it in an orderly end, so
/// each process that was killed used to leave 1 MB there. Here it has a directory of its own, which
/// goes as soon as the library is loaded: what is mapped into memory needs no name.
///
/// **Threading.** Any thread.
final class NativeLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

  /// Where the driver unpacks; without it into `java.io.tmpdir`.
  private static final String PLACE = "org.sqlite.tmpdir";

  private static boolean loaded;

  private NativeLibrary() {}

  /// Loads it, once.
  ///
  /// @throws SQLException where it cannot be unpacked or does not run here
  static synchronized void load() throws SQLException {
    if (loaded) {
      return;
    }
    String place = System.getProperty(PLACE);
    String among = place == null ? System.getProperty("java.io.tmpdir") : place;
    try {
      Path own = Files.createTempDirectory(Path.of(among), "anycast-sqlite-");
      try {
        System.setProperty(PLACE, own.toString());
        SQLiteJDBCLoader.initialize();
        loaded = true;
      } finally {
        restore(place);
        remove(own);
      }
    } catch (Exception e) {
      throw new SQLException("SQLite cannot be loaded by way of " + among + ": " + e, e);
    }
  }

  private static void restore(String place) {
    if (place == null) {
      System.clearProperty(PLACE);
    } else {
      System.setProperty(PLACE, place);
    }
  }

  private static void remove(Path directory) {
    try {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    } catch (IOException e) {
      LOG.warn("{} could not be removed: {}", directory, e.toString());
    }
  }
}
