package anycast.backhaul.h1;

import static anycast.backhaul.h1.RequestLine.bad;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/// Reads request heads by RFC 9112's grammar and nothing wider: whatever two readers could take for
/// two things is refused, as that is what request smuggling is made of.
///
/// Takes bytes as they come, split anywhere; after a [RequestRead.Complete] it reads the next head
/// from behind the body, which the caller takes out in between. After a [RequestRead.Refused] it
/// says the same for ever.
///
/// Deliberately wider than the grammar: up to two empty lines before the request (§2.2), any minor
/// version above 0 is 1.1 (RFC 9110 §2.5), and the target bytes that [Grammar] names. Narrower: two
/// equal lengths, which §6.3 lets us merge, are refused.
///
/// **Threading.** One owner. **Limits.** Request line 8 KiB, head 32 KiB, 100 fields: what Apache,
/// nginx and the HTTP/2 side take.
public final class RequestParser {
  private static final RequestRead MORE = RequestRead.Incomplete.MORE;
  private static final int MAX_LINE_BYTES = 8 << 10;
  private static final int MAX_HEAD_BYTES = 32 << 10;
  private static final int MAX_EMPTY_LINES = 2;

  private final AsciiString scheme;
  private final LineReader lines = new LineReader(MAX_HEAD_BYTES);
  private final FieldLine line = new FieldLine();
  private final RequestLine requestLine = new RequestLine();
  private FieldSection section;
  private int emptyLines;
  private RequestRead.Refused refused;

  /// @param scheme of the connection, which becomes that of each head whatever a target says
  public RequestParser(AsciiString scheme) {
    this.scheme = scheme;
  }

  /// Whether bytes of a head have come whose end is missing.
  public boolean started() {
    return section != null || emptyLines > 0 || lines.pendingBytes() > 0;
  }

  /// Reads on. Takes all bytes unless the head ends; then exactly those up to its end.
  public RequestRead read(ByteBuf in) {
    while (refused == null) {
      boolean first = section == null;
      switch (lines.next(in, first ? MAX_LINE_BYTES : MAX_HEAD_BYTES)) {
        case MORE -> {
          return first && !mayBegin() ? refuse(bad("request does not begin with a method")) : MORE;
        }
        case BARE_LF -> refuse(bad("line ends in a lone LF"));
        case LINE_TOO_LONG -> refuse(tooLong(first));
        case ALL_TOO_LONG -> refuse(tooLong(false));
        case LINE -> {
          if (first) {
            onFirstLine();
          } else if (lines.lineStart() == lines.lineEnd()) {
            return onHeadEnd(in);
          } else {
            onFieldLine();
          }
        }
      }
    }
    return refused;
  }

  private static Fault tooLong(boolean firstLine) {
    return Fault.of(firstLine ? FaultKind.URI_TOO_LONG : FaultKind.HEAD_TOO_LARGE);
  }

  /// Whether what has come of the first line can become one: a TLS hello on a plain port, or a
  /// binary protocol, need not wait for a timeout.
  private boolean mayBegin() {
    return lines.pendingBytes() == 0
        || lines.firstPending() == '\r'
        || Grammar.token(lines.firstPending());
  }

  private RequestRead refuse(Fault fault) {
    refused = new RequestRead.Refused(fault);
    return refused;
  }

  private void onFirstLine() {
    if (lines.lineStart() == lines.lineEnd()) {
      if (++emptyLines > MAX_EMPTY_LINES) {
        refuse(bad("more than two empty lines before a request"));
      }
      return;
    }
    Fault fault = requestLine.parse(lines.array(), lines.lineStart(), lines.lineEnd());
    if (fault != null) {
      refuse(fault);
    } else {
      section = new FieldSection();
    }
  }

  private void onFieldLine() {
    String wrong = line.parse(lines.array(), lines.lineStart(), lines.lineEnd());
    if (wrong == null) {
      wrong = section.add(lines.array(), line);
    }
    if (wrong != null) {
      boolean tooMany = FieldSection.TOO_MANY.equals(wrong);
      refuse(Fault.of(tooMany ? FaultKind.HEAD_TOO_LARGE : FaultKind.BAD_REQUEST, wrong));
    }
  }

  private RequestRead onHeadEnd(ByteBuf in) {
    Fault fault = judge();
    if (fault != null) {
      return refuse(fault);
    }
    section.finish();
    boolean http10 = requestLine.http10;
    AsciiString upgrade = upgrade();
    if (upgrade != null) {
      section.fields.removeAll(FieldName.CONTENT_LENGTH.text);
      fault = WebSocketRequest.check(requestLine.method, section);
      if (fault != null) {
        return refuse(fault);
      }
    }
    if (http10) {
      section.fields.removeAll(FieldName.EXPECT.text);
    }
    AsciiString authority = requestLine.authority == null ? section.host : requestLine.authority;
    RequestRead complete =
        new RequestRead.Complete(
            new RequestHead(
                requestLine.method, scheme, authority, requestLine.path, upgrade, section.fields),
            section.transferEncoding
                ? Framing.CHUNKED
                : Framing.ofLength(Math.max(0, section.contentLength)),
            !section.close && (!http10 || section.keepAlive),
            http10,
            !http10 && section.expectsContinue);
    section = null;
    emptyLines = 0;
    lines.end(in);
    return complete;
  }

  private Fault judge() {
    if (section.host == null) {
      if (!requestLine.http10 || requestLine.authority == null) {
        return bad("no host");
      }
    } else if (!Grammar.authority(section.host.array(), 0, section.host.length())) {
      return bad("host is not a host with an optional port");
    }
    if (section.transferEncoding) {
      if (section.contentLength >= 0) {
        return bad("content-length beside transfer-encoding");
      }
      if (requestLine.http10) {
        return bad("transfer-encoding in HTTP/1.0");
      }
      switch (section.codings()) {
        case CHUNKED -> {}
        case UNSERVED -> {
          return Fault.of(FaultKind.NOT_IMPLEMENTED, "transfer coding before chunked");
        }
        case BAD -> {
          return bad("transfer coding is not chunked");
        }
      }
    }
    if (section.unknownExpectation && !requestLine.http10) {
      return Fault.of(FaultKind.EXPECTATION_FAILED);
    }
    return null;
  }

  /// What the client wants to switch to, if it says so in full; else Upgrade is not there (RFC 9110
  /// §7.8), as HTTP/1.0 ignores it and all protocols but one are not ours.
  private AsciiString upgrade() {
    boolean asked = section.upgradesToWebSocket && section.upgradeOption && !requestLine.http10;
    return asked ? WebSocketRequest.PROTOCOL : null;
  }
}
