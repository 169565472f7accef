package anycast.edge.request;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.runtime.LogText;
import anycast.edge.tls.CertifiedNames;
import anycast.routing.model.Certificate;
import io.netty.util.AsciiString;
import java.util.List;

/// What would happen to a request, stage by stage, on one snapshot: the planner's own stages, told
/// instead of done.
///
/// @param url as asked
/// @param stages in order of execution; the first that is not ok ends the walk
/// @param result what the planner decides
public record Explanation(String url, List<Stage> stages, String result) {
  /// @param stage its name
  /// @param ok whether the request gets past it
  /// @param detail what was found, in words
  public record Stage(String stage, boolean ok, String detail) {}

  /// What is asked about.
  ///
  /// @param listener name of the listener that serves scheme and port, or null where none does
  /// @param names what the certificate for the host vouches for; null without TLS, or without one
  public record Question(
      String url, Target target, String listener, Certificate certificate, CertifiedNames names) {
    /// @param port public port
    /// @param fields of the request beside its host
    public record Target(
        AsciiString method, boolean tls, String host, int port, AsciiString path, Fields fields) {
      /// Without fields.
      public Target(AsciiString method, boolean tls, String host, int port, AsciiString path) {
        this(method, tls, host, port, path, new Fields());
      }

      /// A head of its own each time, as plans edit it.
      RequestHead head() {
        return new RequestHead(
            method,
            AsciiString.of(tls ? "https" : "http"),
            AsciiString.of(host),
            path,
            null,
            fields.copy());
      }
    }
  }

  /// Walks the stages; never changes anything.
  public static Explanation of(EdgePlanner planner, Moment now, Question question) {
    ExplainWalk walk = new ExplainWalk(planner, now, question);
    String result = walk.run();
    return new Explanation(LogText.escape(question.url()), walk.stages(), result);
  }
}
