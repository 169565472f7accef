package anycast.edge.request;

import anycast.edge.request.Explanation.Stage;
import anycast.routing.model.Instance;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Picker;
import anycast.routing.pick.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Tells whom a picker chooses from.
///
/// **Limits.** [#MAX_NAMED] instances a stage: the page is read by people.
record ExplainInstances(Moment now) {
  private static final int MAX_NAMED = 20;
  private static final double NANOS_A_MILLI = 1e6;

  /// No app answers so soon: what was known once has faded.
  private static final long FADED_NANOS = 50_000;

  /// A stage for each tier, and one for those that are left out.
  List<Stage> of(Picker picker) {
    List<Stage> stages = new ArrayList<>();
    int routable = 0;
    for (Tier tier : picker.tiers(now.nowNanos())) {
      routable += tier.members().size();
      stages.add(
          new Stage(
              "instances",
              true,
              tier.name() + ": " + listed(tier.members().stream().map(this::told).toList())));
    }
    List<String> resting =
        picker.candidates().stream()
            .filter(each -> !each.routable())
            .map(ExplainInstances::resting)
            .toList();
    if (routable == 0 || !resting.isEmpty()) {
      stages.add(
          new Stage(
              "instances",
              routable > 0,
              "not eligible: " + (resting.isEmpty() ? "none known" : listed(resting))));
    }
    return stages;
  }

  private static String listed(List<String> texts) {
    int more = texts.size() - MAX_NAMED;
    return texts.stream().limit(MAX_NAMED).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  private String told(Tier.Member member) {
    StringBuilder text = new StringBuilder();
    text.append(member.candidate().instance().id());
    text.append(" with ").append(member.inFlight()).append(" in flight");
    if (member.roundTripNanos() >= 0) {
      text.append(member.estimated() ? ", about " : ", ").append(millis(member.roundTripNanos()));
      text.append(" away");
    }
    if (member.latencyNanos() >= FADED_NANOS) {
      text.append(", answers in ").append(millis(member.latencyNanos()));
    }
    return text.append(member.ejected() ? ", left alone because it fails" : "").toString();
  }

  private static String resting(Candidate candidate) {
    boolean started = candidate.instance().state() == Instance.State.STARTED;
    Enum<?> why = started ? candidate.standing() : candidate.instance().state();
    String word = why.name().toLowerCase(Locale.ROOT);
    return candidate.instance().id()
        + " ("
        + (word.equals("ready") ? "on no known node that takes links" : word)
        + ")";
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / NANOS_A_MILLI);
  }
}
