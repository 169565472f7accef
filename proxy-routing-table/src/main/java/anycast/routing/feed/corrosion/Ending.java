package anycast.routing.feed.corrosion;

/// How a stream, or the attempt to open one, ended.
public sealed interface Ending {
  /// The agent ended the body in an orderly way.
  record Clean() implements Ending {}

  /// No connection, no answer, a reset, or silence beyond what is waited for.
  record Broken(String words) implements Ending {}

  /// Nothing came for [StreamMachine#patienceNanos], in those words. A live stream is renewed for
  /// it.
  record Quiet(String words) implements Ending {}

  /// We ended it, for that reason; the next attempt does not wait, unless that was asked for before
  /// and nothing has lasted since.
  record Asked(String why) implements Ending {}

  /// We ended it, for that reason, which is the agent's fault: the next one is asked.
  record Unfit(String why) implements Ending {}
}
