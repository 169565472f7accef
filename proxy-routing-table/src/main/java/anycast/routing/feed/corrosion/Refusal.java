package anycast.routing.feed.corrosion;

import anycast.routing.feed.corrosion.Recovery.Verdict;

/// What an answer other than 200 means.
///
/// @param aboutUs it says nothing of what was asked for
record Refusal(String meaning, Verdict verdict, boolean aboutUs) {
  /// @param resuming whether a subscription was to be resumed
  static Refusal of(int status, boolean resuming) {
    return switch (status) {
      case 400, 404 -> new Refusal("", resuming ? Verdict.ANEW_AT_ONCE : Verdict.ANEW, false);
      case 401 -> new Refusal(", the bearer token is missing or wrong", Verdict.RESUME, true);
      case 421 ->
          new Refusal(", it is not the endpoint that was asked for", Verdict.ELSEWHERE, true);
      case 503 -> new Refusal(", it is overloaded", Verdict.RESUME, true);
      default -> new Refusal("", Verdict.RESUME, false);
    };
  }
}
