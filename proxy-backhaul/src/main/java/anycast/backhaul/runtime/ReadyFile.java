package anycast.backhaul.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/// Tells whoever started the process that it serves, and where.
public final class ReadyFile {
  private ReadyFile() {}

  /// Writes `content` as JSON. A reader sees the whole file or none: it is written beside its place
  /// and renamed.
  ///
  /// **Faults.** `IOException` where the directory cannot be written.
  public static void write(Path path, Map<String, ?> content) throws IOException {
    Path absolute = path.toAbsolutePath();
    Path temporary =
        absolute.resolveSibling(absolute.getFileName() + "." + ProcessHandle.current().pid());
    Files.write(temporary, new ObjectMapper().writeValueAsBytes(content));
    Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
  }
}
