package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/// What an SQLite failure means for an operator, and what to do about it.
enum StoreTrouble {
  /// The statement is to blame, not the store.
  STATEMENT(""),
  /// Somebody else holds the file's lock for longer than is waited.
  BUSY("another process writes the file: end it"),
  NO_ROOM("make room on its file system"),
  READ_ONLY("make the file and its directory writable for this user"),
  /// Also how SQLite tells of some full disks.
  INPUT_OUTPUT("make room where the disk is full, else look at its limits and the kernel's log"),
  /// Never written again by this process: each write could spread the damage.
  CORRUPT("keep the file, see `check --database FILE`, then stop the store and `restore` a backup");

  private final String remedy;

  StoreTrouble(String remedy) {
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }

  static StoreTrouble of(SQLException failure) {
    int code = failure.getErrorCode() & 0xff;
    if (is(code, SQLiteErrorCode.SQLITE_FULL)) {
      return NO_ROOM;
    }
    if (is(code, SQLiteErrorCode.SQLITE_READONLY)
        || is(code, SQLiteErrorCode.SQLITE_CANTOPEN)
        || is(code, SQLiteErrorCode.SQLITE_PERM)) {
      return READ_ONLY;
    }
    if (is(code, SQLiteErrorCode.SQLITE_IOERR)) {
      return INPUT_OUTPUT;
    }
    if (is(code, SQLiteErrorCode.SQLITE_CORRUPT) || is(code, SQLiteErrorCode.SQLITE_NOTADB)) {
      return CORRUPT;
    }
    if (is(code, SQLiteErrorCode.SQLITE_BUSY) || is(code, SQLiteErrorCode.SQLITE_LOCKED)) {
      return BUSY;
    }
    return STATEMENT;
  }

  private static boolean is(int code, SQLiteErrorCode wanted) {
    return code == (wanted.code & 0xff);
  }

  /// The failure with its remedy, for a log or an answer.
  static String sentence(SQLException failure) {
    StoreTrouble trouble = of(failure);
    String words = Legible.text(failure.getMessage());
    return trouble.remedy.isEmpty() ? words : words + ": " + trouble.remedy;
  }
}
