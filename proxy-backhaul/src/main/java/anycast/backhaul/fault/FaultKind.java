package anycast.backhaul.fault;

import static anycast.backhaul.fault.FaultKind.Retry.SAFE;
import static anycast.backhaul.fault.FaultKind.Retry.UNSAFE;
import static anycast.backhaul.fault.FaultKind.Side.APP;
import static anycast.backhaul.fault.FaultKind.Side.BACKHAUL;
import static anycast.backhaul.fault.FaultKind.Side.CLIENT;
import static anycast.backhaul.fault.FaultKind.Side.EDGE;
import static anycast.backhaul.fault.FaultKind.Side.WORKER;

/// The one table of failures. Nobody else types a status number or a code.
///
/// Codes are those that users of the platform know from its own documents; those that begin with
/// `PH` are ours, for what has no code there. `error` is the type of RFC 9209 §2.3, which goes out
/// in `proxy-status`. `reset` is for a client whose answer has begun: HTTP/2's own codes (RFC 9113
/// §7). Between worker and edge every kind has a code of its own, [#linkReset].
///
/// `SAFE` means proven: the app did not get one byte of this request.
public enum FaultKind {
  BAD_REQUEST(CLIENT, UNSAFE, 400, "PH01", "http_request_error", 0x1, "malformed request"),
  REQUEST_TIMEOUT(
      CLIENT, UNSAFE, 408, "PH02", "http_request_error", 0x8, "request came too slowly"),
  URI_TOO_LONG(CLIENT, UNSAFE, 414, "PH03", "http_request_error", 0x1, "request target too long"),
  HEAD_TOO_LARGE(CLIENT, UNSAFE, 431, "PH04", "http_request_error", 0x1, "header fields too large"),
  EXPECTATION_FAILED(CLIENT, UNSAFE, 417, "PH05", "http_request_error", 0x1, "unknown expectation"),
  METHOD_REFUSED(CLIENT, UNSAFE, 405, "PH06", "http_request_denied", 0x1, "method not served here"),
  NOT_IMPLEMENTED(CLIENT, UNSAFE, 501, "PH07", "http_request_error", 0x1, "coding not implemented"),
  VERSION_UNSUPPORTED(CLIENT, UNSAFE, 505, "PH08", "http_request_error", 0x1, "version not served"),
  UPGRADE_UNSUPPORTED(CLIENT, UNSAFE, 426, "PH09", "http_request_error", 0x1, "upgrade not served"),
  CLIENT_GONE(CLIENT, UNSAFE, 499, "PH11", "http_request_error", 0x8, "client left"),
  CLIENT_STALLED(CLIENT, UNSAFE, 499, "PH12", "http_request_error", 0x8, "client reads nothing"),

  UNKNOWN_HOST(EDGE, UNSAFE, 404, "PH20", "destination_not_found", 0x1, "no app has this host"),
  MISDIRECTED(EDGE, UNSAFE, 421, "PH21", "http_request_denied", 0x1, "host is not in certificate"),
  NO_SERVICE(EDGE, UNSAFE, 404, "PH22", "destination_not_found", 0x1, "no service on this port"),
  LOOP(EDGE, UNSAFE, 508, "PH23", "proxy_loop_detected", 0x1, "request came through here before"),
  NO_INSTANCE(EDGE, SAFE, 503, "PR01", "destination_unavailable", 0x7, "no running instance"),
  REGION_NOT_KNOWN(
      EDGE, SAFE, 503, "PR05", "destination_unavailable", 0x7, "runs in regions not known here"),
  BAD_PATH(CLIENT, UNSAFE, 400, "PH13", "http_request_error", 0x1, "path can be read in two ways"),
  NO_RULE(EDGE, UNSAFE, 404, "PH28", "destination_not_found", 0x1, "no rule takes this request"),
  NO_TARGET(
      EDGE, SAFE, 503, "PH29", "destination_unavailable", 0x7, "no instance for the rule's target"),
  NOT_READY(
      EDGE, SAFE, 503, "PR06", "destination_unavailable", 0x7, "running instances are not ready"),
  WISH_UNMET(
      EDGE,
      SAFE,
      503,
      "PR07",
      "destination_unavailable",
      0x7,
      "the one asked for is not available"),
  TOTAL_TIMEOUT(EDGE, UNSAFE, 504, "PU08", "http_response_timeout", 0x8, "attempts took too long"),
  TRY_TIMEOUT(EDGE, UNSAFE, 504, "PU09", "http_response_timeout", 0x8, "attempt took too long"),
  PLANNING_FAILED(
      EDGE, SAFE, 500, "PH30", "proxy_internal_error", 0x2, "this proxy failed at the request"),
  DRAINING(EDGE, SAFE, 503, "PH25", "destination_unavailable", 0x7, "proxy is stopping"),

  NODE_UNREACHABLE(BACKHAUL, SAFE, 502, "PU03", "connection_refused", 0x7, "node unreachable"),
  NODE_SLOW(BACKHAUL, SAFE, 504, "PH31", "connection_timeout", 0x7, "no link to the node in time"),
  LINK_LOST(BACKHAUL, UNSAFE, 502, "PU02", "connection_terminated", 0x2, "link lost mid-request"),
  NOT_PROCESSED(BACKHAUL, SAFE, 503, "PR04", "connection_terminated", 0x7, "refused unprocessed"),
  EXCHANGE_TIMEOUT(
      BACKHAUL, UNSAFE, 504, "PU06", "http_response_timeout", 0x8, "no answer in time"),

  UNKNOWN_INSTANCE(WORKER, SAFE, 502, "PR02", "destination_not_found", 0x7, "instance not here"),
  NOT_RUNNING(WORKER, SAFE, 503, "PM08", "destination_unavailable", 0x7, "not running"),
  AT_HARD_LIMIT(
      WORKER, SAFE, 503, "PL02", "connection_limit_reached", 0x7, "instance at hard limit"),

  INSTANCE_NOT_READY(
      WORKER, SAFE, 503, "PR08", "destination_unavailable", 0x7, "instance fails its checks"),
  INSTANCE_CORDONED(
      WORKER, SAFE, 503, "PR09", "destination_unavailable", 0x7, "instance is taken out"),
  QUEUE_TIMEOUT(
      WORKER,
      SAFE,
      503,
      "PL03",
      "connection_limit_reached",
      0x7,
      "no room in time at the instance"),

  APP_REFUSED(APP, SAFE, 502, "PC01", "connection_refused", 0x7, "app refused connection"),
  APP_UNREACHABLE(
      APP, SAFE, 502, "PC06", "destination_ip_unroutable", 0x7, "app cannot be reached"),
  APP_CONNECT_TIMEOUT(
      APP, SAFE, 504, "PC05", "connection_timeout", 0x7, "app did not accept in time"),
  APP_RESET(APP, UNSAFE, 502, "PC03", "connection_terminated", 0x2, "app closed mid-request"),
  APP_PROTOCOL(APP, UNSAFE, 502, "PU05", "http_protocol_error", 0x2, "app answered not in HTTP"),
  APP_TIMEOUT(APP, UNSAFE, 504, "PU07", "http_response_timeout", 0x8, "app did not answer"),
  APP_NO_UPGRADE(APP, UNSAFE, 501, "PH27", "http_request_error", 0x2, "app cannot upgrade");

  /// Who caused it.
  public enum Side {
    CLIENT,
    EDGE,
    BACKHAUL,
    WORKER,
    APP
  }

  /// Whether another candidate may be tried.
  public enum Retry {
    SAFE,
    UNSAFE
  }

  private static final FaultKind[] KINDS = values();

  private static final int REFUSED_STREAM = 0x7;

  /// First half of our range of reset codes.
  private static final int OURS = 0x414e0000;

  private final Side side;
  private final Retry retry;
  private final int status;
  private final String code;
  private final String error;
  private final int reset;
  private final String sentence;

  FaultKind(
      Side side, Retry retry, int status, String code, String error, int reset, String sentence) {
    this.side = side;
    this.retry = retry;
    this.status = status;
    this.code = code;
    this.error = error;
    this.reset = reset;
    this.sentence = sentence;
  }

  public Side side() {
    return side;
  }

  public Retry retry() {
    return retry;
  }

  /// HTTP status for a client.
  public int status() {
    return status;
  }

  /// Four characters that the operator searches for.
  public String code() {
    return code;
  }

  /// Error type of RFC 9209 §2.3.
  public String error() {
    return error;
  }

  /// HTTP/2 error code for a client whose answer has begun.
  public int reset() {
    return reset;
  }

  public String sentence() {
    return sentence;
  }

  /// What a worker writes into RST_STREAM towards the edge: made of the code, so that it stays the
  /// same whatever rows come and go. A foreign peer takes it as INTERNAL_ERROR (RFC 9113 §7).
  public int linkReset() {
    return this == NOT_PROCESSED
        ? REFUSED_STREAM
        : OURS | code.charAt(1) << 8 | Integer.parseInt(code.substring(2));
  }

  /// What a worker's reset code says to the edge.
  ///
  /// REFUSED_STREAM is the protocol's proof that nothing was processed (RFC 9113 §8.7); a code that
  /// no row of ours has is a lost link, which proves nothing.
  public static FaultKind ofLinkReset(int code) {
    for (FaultKind kind : KINDS) {
      if (kind.linkReset() == code) {
        return kind;
      }
    }
    return LINK_LOST;
  }
}
