package anycast.backhaul.health;

/// What one check found.
sealed interface CheckResult {
  /// All is well.
  record Passed() implements CheckResult {}

  /// It does not answer as it should.
  ///
  /// @param why in words for the operator
  record Failed(String why) implements CheckResult {}

  /// It answers, and what it answers is too old.
  record Lagging(String how) implements CheckResult {}
}
