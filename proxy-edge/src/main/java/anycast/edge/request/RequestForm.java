package anycast.edge.request;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.util.AsciiString;

/// What a request's form alone decides.
final class RequestForm {
  /// Passes through this fleet before a request counts as a loop: an app may call another app, or
  /// itself, through the edge once with the headers it was called with.
  private static final int PASSES_OF_A_LOOP = 2;

  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString TRACE = AsciiString.cached("TRACE");
  private static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");
  private static final AsciiString STAR = AsciiString.cached("*");
  private static final AsciiString EXPECT = AsciiString.cached("expect");
  private static final AsciiString CONTINUE = AsciiString.cached("100-continue");
  private static final AsciiString MAX_FORWARDS = AsciiString.cached("max-forwards");
  private static final AsciiString ALLOW = AsciiString.cached("allow");

  /// What passes through the edge; TRACE and CONNECT do not (RFC 9110 §9.3.6, §9.3.8).
  static final AsciiString METHODS =
      AsciiString.cached("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

  private static final int NO_CONTENT = 204;
  private static final int MAX_HOPS_DIGITS = 4;

  private RequestForm() {}

  /// What the form decides; null where nothing. Counts a hop of OPTIONS down.
  ///
  /// @param authority null where it is none that a client may send
  static Plan decide(Authority authority, RequestHead head) {
    AsciiString method = head.method();
    if (method.contentEquals(TRACE) || method.contentEquals(CONNECT)) {
      return new Plan.Refuse(Fault.of(FaultKind.METHOD_REFUSED));
    }
    if (authority == null) {
      return malformed("authority");
    }
    boolean options = method.contentEquals(OPTIONS);
    if (options && head.path().contentEquals(STAR)) {
      return new Plan.Answer(options());
    }
    if (!Target.origin(head.path())) {
      return malformed("target");
    }
    Fields fields = head.fields();
    int expect = fields.find(EXPECT);
    if (expect >= 0 && (!continues(fields, expect) || fields.find(EXPECT, expect + 1) >= 0)) {
      return new Plan.Refuse(Fault.of(FaultKind.EXPECTATION_FAILED));
    }
    if (HeaderRules.passes(fields) >= PASSES_OF_A_LOOP) {
      return new Plan.Refuse(Fault.of(FaultKind.LOOP));
    }
    return options ? lastHop(fields) : null;
  }

  /// The client's error, and in which part of its request.
  static Plan malformed(String part) {
    return new Plan.Refuse(Fault.of(FaultKind.BAD_REQUEST, part));
  }

  /// Counts a hop of OPTIONS down (RFC 9110 §7.6.2); the last one answers.
  private static Plan lastHop(Fields fields) {
    int at = fields.find(MAX_FORWARDS);
    if (at < 0) {
      return null;
    }
    int hops = hops(fields.value(at));
    if (hops < 0) {
      return malformed("max-forwards");
    }
    if (hops == 0) {
      return new Plan.Answer(options());
    }
    fields.set(MAX_FORWARDS, Integer.toString(hops - 1));
    return null;
  }

  private static int hops(AsciiString text) {
    if (text.isEmpty() || text.length() > MAX_HOPS_DIGITS) {
      return -1;
    }
    int hops = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.byteAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      hops = hops * 10 + digit;
    }
    return hops;
  }

  private static boolean continues(Fields fields, int i) {
    return fields.value(i).contentEqualsIgnoreCase(CONTINUE);
  }

  private static ResponseHead options() {
    Fields fields = new Fields(128, 4);
    fields.add(ALLOW, METHODS);
    return new ResponseHead(NO_CONTENT, fields);
  }
}
