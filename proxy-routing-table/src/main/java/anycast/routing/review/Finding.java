package anycast.routing.review;

import java.util.List;

/// Something about virtual services that their authors may not want. All of it is legal.
public sealed interface Finding {
  /// For the operator.
  String sentence();

  /// Rules of two virtual services, equally specific, that can take the same request: their names
  /// decide which of them is followed.
  ///
  /// @param followed the one whose name comes first
  record Overlap(RuleName followed, RuleName other, String host) implements Finding {
    @Override
    public String sentence() {
      return "%s and %s are equally specific and can take the same request to %s; %s is followed, by its name"
          .formatted(followed, other, host, followed);
    }
  }

  /// No request follows this rule on any of its hosts.
  ///
  /// @param by takes before it, on one of the hosts, all that it takes
  record Unreachable(RuleName rule, RuleName by) implements Finding {
    @Override
    public String sentence() {
      return "%s is never followed: %s takes all its requests".formatted(rule, by);
    }
  }

  /// A selector that no instance matches now.
  record NoInstance(RuleName rule, String selector) implements Finding {
    @Override
    public String sentence() {
      return "%s: no instance matches %s".formatted(rule, selector);
    }
  }

  /// A name that several have; rules come before an app, and rules of all services stand in one
  /// order.
  ///
  /// @param owners `virtual service NAME` or `app NAME`, at least two
  record SharedHost(String host, List<String> owners) implements Finding {
    public SharedHost {
      owners = List.copyOf(owners);
    }

    @Override
    public String sentence() {
      return "%s is shared by %s".formatted(host, String.join(", ", owners));
    }
  }

  /// A name that no certificate stands for, where others have one.
  record NoCertificate(String host) implements Finding {
    @Override
    public String sentence() {
      return "%s has no certificate: clients who ask for it over TLS are refused".formatted(host);
    }
  }

  /// Rules so alike that a match must look at many of them.
  ///
  /// @param visits of the index for one request, at worst
  record CostlyHost(String host, int visits) implements Finding {
    /// A visit costs some 10 to 100 ns; beyond this a match can take longer than the rest of what
    /// an edge does for a request.
    public static final int MANY_VISITS = 256;

    @Override
    public String sentence() {
      return "%s: one request may look at %d places of its rules; templates that differ in which segments are fixed, or conditions on many different names, cost that"
          .formatted(host, visits);
    }
  }
}
