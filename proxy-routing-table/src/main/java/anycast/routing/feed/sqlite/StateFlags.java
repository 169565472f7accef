package anycast.routing.feed.sqlite;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the serving process was called with.
///
/// @param sync when a committed transaction reaches the disk
/// @param endpoint what clients that name an endpoint have to name
/// @param gather how long changes gather before readers are told
/// @param problems all of them; the rest is meaningful only where there is none
record StateFlags(
    InetSocketAddress listen,
    Path database,
    SyncPolicy sync,
    Optional<Path> readyFile,
    Optional<String> token,
    Optional<String> endpoint,
    Duration gather,
    List<String> problems) {
  private static final List<String> KNOWN =
      List.of(
          "--listen",
          "--database",
          "--ready-file",
          "--token-file",
          "--sync",
          "--endpoint",
          "--gather");

  static StateFlags of(String[] args) {
    List<String> problems = new ArrayList<>();
    Map<String, String> given = given(List.of(args), KNOWN, problems);
    InetSocketAddress listen = listen(given.get("--listen"), problems);
    if (!given.containsKey("--database")) {
      problems.add("--database is missing");
    }
    return new StateFlags(
        listen,
        Path.of(given.getOrDefault("--database", "")),
        sync(given.get("--sync"), problems),
        Optional.ofNullable(given.get("--ready-file")).map(Path::of),
        token(given.get("--token-file"), problems),
        Optional.ofNullable(given.get("--endpoint")),
        gather(given.get("--gather"), problems),
        problems);
  }

  /// Flags with their values; what is unknown, twice or without a value becomes a problem.
  static Map<String, String> given(List<String> args, List<String> known, List<String> problems) {
    Map<String, String> given = new LinkedHashMap<>();
    for (int i = 0; i < args.size(); i++) {
      String flag = args.get(i);
      boolean hasValue = i + 1 < args.size() && !args.get(i + 1).startsWith("--");
      if (!known.contains(flag)) {
        problems.add("unknown flag " + flag);
      } else if (!hasValue) {
        problems.add(flag + " wants a value");
      } else if (given.put(flag, args.get(i + 1)) != null) {
        problems.add(flag + " is given twice");
      }
      i += hasValue ? 1 : 0;
    }
    return given;
  }

  private static Duration gather(String text, List<String> problems) {
    if (text == null) {
      return ServerSettings.GATHER;
    }
    try {
      int millis = Integer.parseInt(text);
      if (millis >= 0 && millis <= 60_000) {
        return Duration.ofMillis(millis);
      }
    } catch (NumberFormatException e) {
      // told below
    }
    problems.add("--gather wants 0 to 60000 milliseconds, got " + text);
    return ServerSettings.GATHER;
  }

  private static SyncPolicy sync(String text, List<String> problems) {
    Optional<SyncPolicy> sync = text == null ? Optional.of(SyncPolicy.FULL) : SyncPolicy.of(text);
    if (sync.isEmpty()) {
      problems.add("--sync wants " + SyncPolicy.labels() + ", got " + text);
    }
    return sync.orElse(SyncPolicy.FULL);
  }

  private static InetSocketAddress listen(String text, List<String> problems) {
    if (text == null) {
      problems.add("--listen is missing");
      return null;
    }
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && port >= 0 && port <= 65_535) {
        String host = text.substring(0, colon);
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
          problems.add("--listen: unknown host " + host);
        }
        return address;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    problems.add("--listen wants HOST:PORT, got " + text);
    return null;
  }

  private static Optional<String> token(String file, List<String> problems) {
    if (file == null) {
      return Optional.empty();
    }
    try {
      String token = Files.readString(Path.of(file)).strip();
      if (token.isEmpty()) {
        problems.add("--token-file " + file + " is empty");
      }
      return Optional.of(token);
    } catch (IOException e) {
      problems.add("--token-file " + file + " cannot be read");
      return Optional.empty();
    }
  }
}
