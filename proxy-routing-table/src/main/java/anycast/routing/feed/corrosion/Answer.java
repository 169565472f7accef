package anycast.routing.feed.corrosion;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/// The head of an agent's answer to one who wants a stream.
///
/// @param subscription `corro-query-id`; empty = not there
/// @param queryHash `corro-query-hash`; empty = not there
/// @param retryAfterSeconds as the agent asked
/// @param words what an answer other than 200 said, for a person
public record Answer(
    int status,
    String subscription,
    String queryHash,
    OptionalLong retryAfterSeconds,
    String words) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~-]{1,128}");

  /// A stream that begins.
  public static Answer opened(String subscription, String queryHash) {
    return new Answer(200, subscription, queryHash, OptionalLong.empty(), "");
  }

  /// An answer that is no stream.
  public static Answer refused(int status, String words) {
    return new Answer(status, "", "", OptionalLong.empty(), words);
  }

  /// The subscription, where it fits into a path; one that does not is as good as none: empty.
  String resumable() {
    return NAME.matcher(subscription).matches() ? subscription : "";
  }
}
