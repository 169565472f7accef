package anycast.edge.tls;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// Keys of session tickets (RFC 8446 §4.6.1), one set for all certificates of the process: the
/// first encrypts, all decrypt.
///
/// **Threading.** Immutable; a rotation makes a new set.
final class TicketKeys {
  /// Rotation every 4 hours and two old keys: a stolen key opens 4 hours of tickets, a client may
  /// come back within 8.
  static final int ROTATION_HOURS = 4;

  private static final int KEPT = 3;
  private static final int LIFETIME_SECONDS = (KEPT - 1) * ROTATION_HOURS * 3600;

  private final List<OpenSslSessionTicketKey> keys;

  private TicketKeys(List<OpenSslSessionTicketKey> keys) {
    this.keys = List.copyOf(keys);
  }

  static TicketKeys first(SecureRandom random) {
    return new TicketKeys(List.of(fresh(random)));
  }

  TicketKeys rotated(SecureRandom random) {
    List<OpenSslSessionTicketKey> next = new ArrayList<>();
    next.add(fresh(random));
    next.addAll(keys.subList(0, Math.min(keys.size(), KEPT - 1)));
    return new TicketKeys(next);
  }

  /// Makes a server context give and take tickets under these keys.
  void install(SslContext context) {
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setTicketKeys(keys.toArray(OpenSslSessionTicketKey[]::new));
      sessions.setSessionTimeout(LIFETIME_SECONDS);
    }
  }

  private static OpenSslSessionTicketKey fresh(SecureRandom random) {
    byte[] name = new byte[OpenSslSessionTicketKey.NAME_SIZE];
    byte[] hmac = new byte[OpenSslSessionTicketKey.HMAC_KEY_SIZE];
    byte[] aes = new byte[OpenSslSessionTicketKey.AES_KEY_SIZE];
    random.nextBytes(name);
    random.nextBytes(hmac);
    random.nextBytes(aes);
    return new OpenSslSessionTicketKey(name, hmac, aes);
  }
}
