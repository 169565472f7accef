package anycast.load.bench;

import java.nio.file.Path;
import java.util.List;

/// How a bench runs.
///
/// @param dir an existing directory for configurations and logs
/// @param threads event loops, threads or worker processes of each proxy process
/// @param proxyPin a command that puts what follows on the proxies' cores; empty for none
/// @param loadPin the same for the load generator and the app
/// @param jvmFlags for our proxies
record BenchSettings(
    Path dir, int threads, List<String> proxyPin, List<String> loadPin, List<String> jvmFlags) {}
