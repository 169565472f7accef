package anycast.edge.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Looks into a ClientHello (RFC 8446 §4.1.2) for what must be known before a certificate is
/// chosen: whether the client offers a protocol that we speak.
///
/// The TLS library can leave an offer unanswered or force its own choice on the client, but cannot
/// refuse; RFC 7301 §3.2 wants a refusal.
final class ClientHello {
  private static final int VERSION_AND_RANDOM_BYTES = 34;
  private static final int EXTENSION_ALPN = 16;

  /// What the protocol offer comes to.
  enum Offer {
    NONE,
    ACCEPTABLE,
    UNKNOWN_ONLY,
    MALFORMED
  }

  private ClientHello() {}

  /// @param hello the handshake message without its four-byte header, or the record's content as
  ///   the TLS library's reader hands it over; indexes stay
  static Offer offer(ByteBuf hello) {
    try {
      return scan(hello, hello.readerIndex(), hello.writerIndex());
    } catch (IndexOutOfBoundsException e) {
      return Offer.MALFORMED;
    }
  }

  private static Offer scan(ByteBuf hello, int start, int end) {
    int at = start + VERSION_AND_RANDOM_BYTES;
    at += 1 + hello.getUnsignedByte(at);
    at += 2 + hello.getUnsignedShort(at);
    at += 1 + hello.getUnsignedByte(at);
    if (at == end) {
      return Offer.NONE;
    }
    int extensionsEnd = at + 2 + hello.getUnsignedShort(at);
    if (extensionsEnd > end) {
      return Offer.MALFORMED;
    }
    at += 2;
    while (extensionsEnd - at >= 4) {
      int type = hello.getUnsignedShort(at);
      int length = hello.getUnsignedShort(at + 2);
      at += 4;
      if (at + length > extensionsEnd) {
        return Offer.MALFORMED;
      }
      if (type == EXTENSION_ALPN) {
        return protocols(hello, at, at + length);
      }
      at += length;
    }
    return at == extensionsEnd ? Offer.NONE : Offer.MALFORMED;
  }

  private static Offer protocols(ByteBuf hello, int start, int end) {
    if (end - start < 2 || start + 2 + hello.getUnsignedShort(start) != end) {
      return Offer.MALFORMED;
    }
    int at = start + 2;
    Offer offer = Offer.UNKNOWN_ONLY;
    while (at < end) {
      int length = hello.getUnsignedByte(at);
      if (length == 0 || at + 1 + length > end) {
        return Offer.MALFORMED;
      }
      String name = hello.toString(at + 1, length, StandardCharsets.ISO_8859_1);
      if (name.equals(PublicTls.H2) || name.equals(PublicTls.HTTP_1_1)) {
        offer = Offer.ACCEPTABLE;
      }
      at += 1 + length;
    }
    return offer;
  }
}
