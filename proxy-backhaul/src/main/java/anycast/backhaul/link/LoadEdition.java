package anycast.backhaul.link;

import java.util.List;

/// How busy a worker's instances are at one moment, ready to be sent to all edges. Shares with the
/// edition before it the lines that did not change.
///
/// @param number grows by one with each edition
public record LoadEdition(long number, List<Line> lines) {
  /// Nothing is known.
  public static final LoadEdition NONE = new LoadEdition(0, List.of());

  public LoadEdition {
    lines = List.copyOf(lines);
  }

  /// One instance.
  ///
  /// @param text as `LoadLines` writes it, with its end; not to be changed
  /// @param changed number of the edition in which it was new
  public record Line(byte[] text, long changed) {}
}
