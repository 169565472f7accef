package anycast.routing.pick;

import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.RegionCode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Why nobody can be picked, with counts.
final class Absence {
  /// Enough to see what was asked, short enough for a log line.
  private static final int MAX_NAMED = 8;

  private Absence() {}

  /// Where no candidate is routable.
  static PickResult.None of(Candidate[] all) {
    if (all.length == 0) {
      return new PickResult.None(PickResult.Why.NOT_RUNNING, "no instance known");
    }
    int started = 0;
    int running = 0;
    int[] standings = new int[Standing.values().length];
    for (Candidate each : all) {
      started += each.instance().state() == Instance.State.STARTED ? 1 : 0;
      if (each.running()) {
        running++;
        standings[each.standing().ordinal()]++;
      }
    }
    String known = count(all.length);
    if (started == 0) {
      return new PickResult.None(PickResult.Why.NOT_RUNNING, known + ", none started");
    }
    if (running == 0) {
      return new PickResult.None(
          PickResult.Why.NOT_RUNNING,
          known + ", " + started + " started, none on a known node that accepts links");
    }
    StringBuilder told = new StringBuilder(known + ", " + running + " running, none ready:");
    for (Standing standing : Standing.values()) {
      if (standings[standing.ordinal()] > 0) {
        told.append(' ').append(standings[standing.ordinal()]);
        told.append(' ').append(standing.name().toLowerCase(Locale.ROOT)).append(',');
      }
    }
    return new PickResult.None(PickResult.Why.NOT_READY, told.substring(0, told.length() - 1));
  }

  /// Where the one that the client insists on does not run.
  ///
  /// @param seen its row, or null
  static String of(InstanceId wanted, Instance seen) {
    if (seen == null) {
      return "instance " + wanted.value() + " is not known";
    }
    return seen.state() == Instance.State.STARTED
        ? "instance " + wanted.value() + " is on no known node that accepts links"
        : "instance " + wanted.value() + " is " + seen.state().name().toLowerCase(Locale.ROOT);
  }

  static String count(int instances) {
    return instances == 1 ? "1 instance" : instances + " instances";
  }

  static String names(List<RegionCode> regions) {
    return regions.stream()
        .limit(MAX_NAMED)
        .map(RegionCode::code)
        .collect(Collectors.joining(", "));
  }
}
