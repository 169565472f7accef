package anycast.routing.feed.sqlite;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file that its owner alone may read and write: rows of state hold the private keys of
/// certificates.
///
/// SQLite gives its logs the permissions of the database, so the database is enough.
public final class OwnersFile {
  private static final FileAttribute<Set<PosixFilePermission>> OWNERS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private OwnersFile() {}

  /// Makes an empty file; one that is there stays as it is.
  ///
  /// @return whether it was made
  public static boolean make(Path file) throws IOException {
    try {
      Files.createFile(file, OWNERS);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }
}
