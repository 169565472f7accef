package anycast.backhaul.head;

import io.netty.util.AsciiString;

/// A request without its body, the same for every protocol.
///
/// @param method as sent, case matters (RFC 9110 §9.1)
/// @param scheme `http` or `https`
/// @param authority host with optional port, as sent; what an HTTP/1 reader took from the target or
///   Host. There is no `host` field in `fields`: writers make it from this
/// @param path origin-form target with query, or `*`
/// @param upgrade protocol that the client wants to switch to, lower case, such as `websocket`;
///   null for a plain request. On a link it travels as extended CONNECT (RFC 8441)
/// @param fields all other fields; without `connection`, `transfer-encoding` and their like:
///   readers strip what is hop-by-hop. `content-length` stays and has been validated
public record RequestHead(
    AsciiString method,
    AsciiString scheme,
    AsciiString authority,
    AsciiString path,
    AsciiString upgrade,
    Fields fields) {}
