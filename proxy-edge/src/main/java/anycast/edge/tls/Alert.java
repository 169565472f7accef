package anycast.edge.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// Fatal alerts that end a handshake before a certificate, and with it the TLS library, is chosen
/// (RFC 8446 §6).
enum Alert {
  /// The hello cannot be read.
  DECODE_ERROR(50),
  /// Something here failed, such as a certificate that does not load.
  INTERNAL_ERROR(80),
  /// No server name, and none can be served without (RFC 8446 §9.2).
  MISSING_EXTENSION(109),
  /// No certificate for the name (RFC 6066 §3).
  UNRECOGNIZED_NAME(112),
  /// No protocol in common (RFC 7301 §3.2).
  NO_APPLICATION_PROTOCOL(120);

  private static final int RECORD_ALERT = 21;
  private static final int LEGACY_VERSION = 0x0303;
  private static final int FATAL = 2;
  private static final int RECORD_BYTES = 7;

  private final int description;

  Alert(int description) {
    this.description = description;
  }

  /// The alert as a plaintext record: nothing has been agreed on yet.
  ByteBuf record(ByteBufAllocator allocator) {
    return allocator
        .buffer(RECORD_BYTES)
        .writeByte(RECORD_ALERT)
        .writeShort(LEGACY_VERSION)
        .writeShort(2)
        .writeByte(FATAL)
        .writeByte(description);
  }
}
