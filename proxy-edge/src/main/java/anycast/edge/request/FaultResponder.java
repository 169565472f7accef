package anycast.edge.request;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.edge.protocol.FaultAnswers;
import anycast.routing.model.NodeId;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/// Turns faults into answers; the one place where it happens.
///
/// The client reads the kind's status, code and sentence and the request id, in the body and in
/// `proxy-status` (RFC 9209). The fault's detail stays with the operator: it may name hosts of the
/// fleet.
///
/// **Threading.** Immutable.
public final class FaultResponder implements FaultAnswers {
  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString PLAIN_TEXT = AsciiString.cached("text/plain; charset=us-ascii");
  private static final AsciiString CACHE_CONTROL = AsciiString.cached("cache-control");
  private static final AsciiString NO_STORE = AsciiString.cached("no-store");
  private static final AsciiString PROXY_STATUS = AsciiString.cached("proxy-status");
  private static final AsciiString RETRY_AFTER = AsciiString.cached("retry-after");
  private static final AsciiString ALLOW = AsciiString.cached("allow");

  /// State reaches edges within a second or so: then it is worth another try. Clients that were
  /// refused together come back in different seconds, or they would be refused together again.
  private static final AsciiString[] RETRY_AFTER_SECONDS = {
    AsciiString.cached("1"), AsciiString.cached("2"), AsciiString.cached("3")
  };

  private static final int UNAVAILABLE = 503;

  private final AsciiString[] proxyStatus = new AsciiString[FaultKind.values().length];

  public FaultResponder(NodeId node) {
    String name = item(node.value());
    for (FaultKind kind : FaultKind.values()) {
      proxyStatus[kind.ordinal()] =
          AsciiString.of(
              name
                  + "; error="
                  + kind.error()
                  + "; details=\""
                  + kind.code()
                  + " "
                  + kind.sentence()
                  + "\"");
    }
  }

  @Override
  public ResponseHead answer(Fault fault, String exchangeId) {
    FaultKind kind = fault.kind();
    Fields fields = new Fields(512, 10);
    fields.add(CONTENT_TYPE, PLAIN_TEXT);
    fields.add(CACHE_CONTROL, NO_STORE);
    fields.add(PROXY_STATUS, proxyStatus[kind.ordinal()]);
    if (kind.status() == UNAVAILABLE) {
      int spread = Math.floorMod(exchangeId.hashCode(), RETRY_AFTER_SECONDS.length);
      fields.add(RETRY_AFTER, RETRY_AFTER_SECONDS[spread]);
    }
    if (kind == FaultKind.METHOD_REFUSED) {
      fields.add(ALLOW, RequestForm.METHODS);
    }
    HeaderRules.onOwnAnswer(fields, exchangeId);
    return new ResponseHead(kind.status(), fields);
  }

  @Override
  public byte[] body(Fault fault, String exchangeId) {
    FaultKind kind = fault.kind();
    return (kind.code() + " " + kind.sentence() + "\nrequest " + exchangeId + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /// A name as structured field: a token where it begins like one, else a string (RFC 8941 §3.3.4).
  private static String item(String name) {
    char first = name.charAt(0);
    boolean token = first >= 'a' && first <= 'z' || first >= 'A' && first <= 'Z';
    return token ? name : '"' + name + '"';
  }
}
