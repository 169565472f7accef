package anycast.ctl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All sheets that a command was given, each with its name.
///
/// A sheet's name is what its line `name:` says; else `--name`; else the file's, without what
/// follows its last dot. The last two are for files of one sheet.
final class Sheets {
  private Sheets() {}

  /// @param name of the only sheet; empty = none was given
  static List<Sheet> read(List<String> files, String name) throws CtlFault {
    List<Sheet> all = new ArrayList<>();
    for (String file : files) {
      List<Sheet> sheets = Sheet.read(file);
      for (Sheet sheet : sheets) {
        all.add(sheet.name().isEmpty() ? sheet.called(otherwise(sheet, sheets, name)) : sheet);
      }
    }
    if (!name.isEmpty() && all.size() > 1) {
      throw new CtlFault("--name names one document, and there are " + all.size());
    }
    if (!name.isEmpty() && !all.getFirst().name().equals(name)) {
      throw new CtlFault(
          "the document calls itself " + all.getFirst().name() + ", --name says " + name);
    }
    check(all);
    return all;
  }

  private static String otherwise(Sheet sheet, List<Sheet> sheets, String name) throws CtlFault {
    if (!name.isEmpty()) {
      return name;
    }
    if (sheets.size() > 1 || sheet.file().equals("-")) {
      throw new CtlFault(
          "%s:%d: this document has no name; write a line 'name: NAME' into it%s"
              .formatted(sheet.file(), sheet.line(), sheets.size() > 1 ? "" : ", or give --name"));
    }
    String file = sheet.file().substring(sheet.file().lastIndexOf('/') + 1);
    int dot = file.lastIndexOf('.');
    return dot > 0 ? file.substring(0, dot) : file;
  }

  private static void check(List<Sheet> all) throws CtlFault {
    Map<String, Sheet> named = new HashMap<>();
    for (Sheet sheet : all) {
      if (!Sheet.isName(sheet.name())) {
        throw new CtlFault(
            "%s:%d: '%s' is no name; it wants letters, digits, '-', '_' and '.', at most 128"
                .formatted(sheet.file(), sheet.line(), sheet.name()));
      }
      Sheet other = named.put(sheet.name(), sheet);
      if (other != null) {
        throw new CtlFault(
            "%s:%d and %s:%d are both called %s"
                .formatted(other.file(), other.line(), sheet.file(), sheet.line(), sheet.name()));
      }
    }
  }
}
