package anycast.routing.model.rule;

import java.util.List;

/// What becomes of a request that a rule took.
public sealed interface Action {
  /// It goes to an instance.
  ///
  /// @param to at least one; shares by weight. One without a usable candidate leaves its share to
  ///   the others
  /// @param fallback asked in order where no target has a usable candidate
  /// @param rewrite null = path and host go on as they came
  /// @param mirror null = nothing is copied
  record Forward(
      List<Target> to,
      List<Target> fallback,
      Rewrite rewrite,
      HeaderEdits request,
      HeaderEdits response,
      Terms terms,
      Mirror mirror)
      implements Action {
    public Forward {
      to = List.copyOf(to);
      fallback = List.copyOf(fallback);
    }
  }

  /// The client is sent elsewhere.
  ///
  /// @param status 301, 302, 303, 307 or 308
  /// @param scheme `http` or `https`; empty = as it came
  /// @param host empty = as it came
  /// @param port 0 = the scheme's own where a scheme is named, else as it came
  /// @param path in place of the path, or of the matched prefix where `prefix`; empty = as it came.
  ///   The query goes along
  /// @param prefix whether `path` replaces the matched prefix only
  record Redirect(int status, String scheme, String host, int port, String path, boolean prefix)
      implements Action {}
}
