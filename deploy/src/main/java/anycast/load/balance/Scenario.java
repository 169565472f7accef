package anycast.load.balance;

import java.util.List;

/// What a fleet goes through.
///
/// @param load share of all instances' capacity that is asked for
/// @param skew how much more the three busiest regions ask for than the others; 1 = the same
/// @param bursts whether regions ask for three times as much now and then
record Scenario(
    String name, String says, double load, double skew, boolean bursts, Trouble trouble, Lag lag) {
  /// Shares of the instances, or of the nodes, that have it.
  ///
  /// @param slow take eight times as long from a third of the run on
  /// @param broken answer 500 within a millisecond from then on
  /// @param silent nodes that swallow everything from then on
  /// @param flapping crash and come back all the time
  /// @param rolling whether each instance is restarted once, and is slow at first
  record Trouble(double slow, double broken, double silent, double flapping, boolean rolling) {
    static final Trouble NONE = new Trouble(0, 0, 0, 0, false);
  }

  /// How old news is.
  ///
  /// @param reportMillis loads, beside those that responses bring
  /// @param stateMillis rows of state, on average; each edge half to one and a half times that
  record Lag(long reportMillis, long stateMillis) {
    static final Lag USUAL = new Lag(200, 500);
  }

  static final List<Scenario> ALL =
      List.of(
          new Scenario(
              "calm", "60 % load, even, nothing fails", 0.6, 1, false, Trouble.NONE, Lag.USUAL),
          new Scenario(
              "skew",
              "three regions ask for three times what the others do, over their capacity",
              0.55,
              3,
              false,
              Trouble.NONE,
              Lag.USUAL),
          new Scenario(
              "bursts",
              "each region in turn asks for three times as much, for a second and a half",
              0.5,
              1,
              true,
              Trouble.NONE,
              Lag.USUAL),
          new Scenario(
              "slow",
              "5 % of the instances become 8 times slower",
              0.5,
              1,
              false,
              new Trouble(0.05, 0, 0, 0, false),
              Lag.USUAL),
          new Scenario(
              "broken",
              "3 % of the instances answer 500 at once, 2 % of the nodes swallow everything",
              0.5,
              1,
              false,
              new Trouble(0, 0.03, 0.02, 0, false),
              Lag.USUAL),
          new Scenario(
              "flapping",
              "5 % of the instances crash every five seconds and are away for two",
              0.5,
              1,
              false,
              new Trouble(0, 0, 0, 0.05, false),
              Lag.USUAL),
          new Scenario(
              "restart",
              "all instances are restarted one after the other, each cold at first",
              0.5,
              1,
              false,
              new Trouble(0, 0, 0, 0, true),
              Lag.USUAL),
          new Scenario(
              "stale",
              "as flapping and skew, loads 3 s and state 4 s old",
              0.5,
              2.5,
              false,
              new Trouble(0, 0, 0, 0.05, false),
              new Lag(3_000, 4_000)),
          new Scenario(
              "all",
              "skew, bursts, slow, broken, silent and flapping ones together",
              0.45,
              2,
              true,
              new Trouble(0.03, 0.02, 0.01, 0.03, false),
              new Lag(500, 1_500)));
}
