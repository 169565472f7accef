package anycast.edge.request;

import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import java.net.InetAddress;

/// Who a connection's requests come from, in the words that headers use; made once a connection.
///
/// @param secured the connection
/// @param client address of the peer as text
/// @param forwardedFor what `x-forwarded-for` says of this hop: the client, then the address that
///   it dialled, as apps of the platform expect the app's own address at the right end
/// @param port public port as text
/// @param trusted the peer is a proxy of ours, whose `x-forwarded-for` is believed
public record Visitor(
    Secured secured,
    AsciiString client,
    AsciiString forwardedFor,
    AsciiString port,
    boolean trusted) {
  public static Visitor of(Secured secured, TrustedProxies trusted) {
    InetAddress client = secured.accepted().client();
    String clientText = NetUtil.toAddressString(client);
    String localText = NetUtil.toAddressString(secured.accepted().local());
    return new Visitor(
        secured,
        AsciiString.of(clientText),
        AsciiString.of(clientText + ", " + localText),
        AsciiString.of(Integer.toString(secured.accepted().port())),
        trusted.contain(client));
  }
}
