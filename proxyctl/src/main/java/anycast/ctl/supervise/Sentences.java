package anycast.ctl.supervise;

import anycast.backhaul.runtime.LogText;
import java.util.ArrayList;
import java.util.List;

/// What the log says when a service goes from one state to another.
final class Sentences {
  private Sentences() {}

  static List<String> changed(ServicesView.Seen before, ServicesView.Seen after) {
    ServiceLife.Glimpse was = before.glimpse();
    ServiceLife.Glimpse is = after.glimpse();
    String name = after.config().name() + ": ";
    List<String> sentences = new ArrayList<>();
    if (!was.last().equals(is.last())) {
      is.last().ifPresent(last -> sentences.add(name + ended(was, last)));
    }
    if (is.state() != was.state() || is.pid() != was.pid()) {
      String pid = is.pid() == 0 ? "" : ", pid " + is.pid();
      sentences.add(name + is.state().label() + pid + next(is));
    }
    return sentences;
  }

  private static String ended(ServiceLife.Glimpse was, ServiceLife.LastRun last) {
    return "pid "
        + was.pid()
        + " ended after "
        + last.livedNanos() / 1_000_000
        + " ms: "
        + last.how()
        + (last.reason().isEmpty() ? "" : " (" + last.reason() + ")")
        + (was.status().isEmpty() ? "" : "; it said " + LogText.escape(was.status()));
  }

  private static String next(ServiceLife.Glimpse is) {
    return is.state() == ServiceState.BACKOFF && is.dueNanos().isPresent()
        ? ", next start in " + (is.dueNanos().getAsLong() - is.sinceNanos()) / 1_000_000 + " ms"
        : "";
  }
}
