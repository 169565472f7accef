package anycast.backhaul.runtime;

/// The configuration block `runtime`, which every process has and none needs.
///
/// @param eventLoops how many; 0 = one per core
public record RuntimeConfig(Transport transport, int eventLoops) {
  /// More loops than this is a typing error: no host has as many cores.
  private static final int MAX_LOOPS = 1024;

  /// Reads the optional block `runtime` of `root`.
  public static RuntimeConfig read(ConfigBlock root) {
    ConfigBlock block = root.optionalBlock("runtime");
    return new RuntimeConfig(
        block.choice("transport", Transport.class, Transport.AUTO),
        block.integer("event_loops", 0, 0, MAX_LOOPS));
  }
}
