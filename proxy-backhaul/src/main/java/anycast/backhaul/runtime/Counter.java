package anycast.backhaul.runtime;

/// What a process counts. Faults are counted by their kind beside these, see [CounterCell#fault].
///
/// A constant's sentence says what a rise means; it is the metric's help text.
public enum Counter {
  CONNECTIONS_ACCEPTED("Clients connected; alone it says nothing, beside requests it says reuse."),
  CONNECTIONS_CLOSED("Client connections ended; accepted minus closed are open."),
  CONNECTIONS_REFUSED("Connections closed at once because a limit was reached: load or attack."),
  DESCRIPTORS_SHORT(
      "Connections not taken or not opened for want of file descriptors: raise the limit of open"
          + " files."),

  TLS_HANDSHAKES_OK("Clients agreed on keys and certificate with us."),
  TLS_HANDSHAKES_FAILED("Clients gave up or sent garbage: scanners, or a certificate gone bad."),
  TLS_NAME_UNKNOWN("Clients asked for a name without certificate: stale DNS, or state is behind."),

  REQUESTS_BEGUN("Request heads taken in, whatever became of them."),
  REQUESTS_MALFORMED("HTTP/1 requests that cannot be read: broken clients, scanners, smuggling."),
  RESPONSES_LOCAL("Answers that the proxy made itself: redirects and faults."),

  EXCHANGES_BEGUN("Exchanges given to an upstream."),
  EXCHANGES_ENDED("Exchanges over, well or badly; begun minus ended are in flight."),
  EXCHANGES_FAILED("Exchanges that ended by a fault; the faults by kind say which."),
  EXCHANGES_CANCELLED("Clients that left before the response was whole."),
  ATTEMPTS("Candidates tried; above exchanges begun, somebody refuses or is unreachable."),
  RETRIES("Attempts after the first: workers refuse, nodes are unreachable, apps fail."),
  RETRIES_EXHAUSTED("Exchanges that failed on every candidate of their plan: an app is down."),
  RETRIES_OVER_BUDGET("Retries and hedges left out because a service had too many: it is failing."),
  BODIES_NOT_KEPT("Retries left out because the body was not kept: too long, or memory is short."),
  HEDGES("Second attempts begun beside a slow first one; each is load that brings no request."),
  HEDGES_WON(
      "Second attempts that answered first; few of the hedges means that they begin too soon."),
  AWAITS("Requests that waited for an instance: none was there for them at first."),
  AWAITS_REFUSED("Requests that would have waited, but too many did: of all, or of their host."),
  COPIES("Requests copied to another target."),
  COPIES_REFUSED("Copies not made because too many were under way: their target is slow."),
  COPIES_CUT("Copies given up because they lagged behind or took too long: their target is slow."),
  COPIES_FAILED("Copies that no candidate took, or that broke off."),

  REQUEST_BODY_BYTES("Bytes of request bodies passed on."),
  RESPONSE_BODY_BYTES("Bytes of response bodies passed on."),

  LINKS_OPENED("Backhaul links that came about; a steady rise is a flapping node."),
  LINKS_CLOSED("Links that ended in order, by drain or idleness."),
  LINKS_LOST("Links that broke or stopped answering PING: network, or a stuck peer."),
  LINKS_REFUSED("Links that the worker refused for identity: a wrong certificate or an intruder."),
  LINK_HANDSHAKES_FAILED(
      "Dials of links that came to nothing: a node is down, or a certificate is expired or"
          + " foreign."),
  LINK_DIALS_SLOW("Dials of links that waited for an answer: a worker starts anew, or hangs."),
  LINK_PINGS_LATE("PINGs not answered in time: a link about to be lost."),

  REFUSED_UNKNOWN_INSTANCE("Worker refused an instance it does not have: edges are behind."),
  REFUSED_NOT_RUNNING("Worker refused an instance that does not run: edges are behind."),
  REFUSED_AT_LIMIT("Worker refused because the instance is at its hard limit: app too small."),
  REFUSED_NOT_READY("Worker refused an instance that fails its checks: edges are behind."),
  REFUSED_CORDONED("Worker refused an instance that is taken out: edges are behind."),
  WAITED("Requests that waited for room at an instance: apps are at their hard limit."),
  WAITS_TIMED_OUT("Requests that waited for room in vain: an app is too small."),

  HEALTH_CHANGES("Instances became ready, failed or lagged; a steady rise is a flapping one."),
  LOAD_REPORTS_SENT("Messages about the instances' load that a worker sent."),
  LOAD_REPORTS_HEARD("Messages about the instances' load that an edge took in."),

  APP_CONNECTS("Connections opened to apps."),
  APP_CONNECTS_FAILED("Apps that did not accept a connection."),
  APP_CONNECTIONS_REUSED("Requests that found an idle connection to their app."),
  APP_CONNECTIONS_STALE("Pooled connections that had died unused; normal where apps time out.");

  private final String meaning;

  Counter(String meaning) {
    this.meaning = meaning;
  }

  /// What a rise means.
  public String meaning() {
    return meaning;
  }
}
