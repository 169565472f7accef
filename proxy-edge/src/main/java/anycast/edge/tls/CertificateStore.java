package anycast.edge.tls;

import anycast.backhaul.runtime.LogText;
import anycast.routing.model.Certificate;
import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loaded certificates: each is loaded on its first handshake, off the event loops, and kept while
/// it is asked for.
///
/// The key is the whole row: a certificate that was renewed is another one, and the old one's
/// context goes with the last connection that was made under it. A broken one is remembered too, so
/// that it costs and logs once, not at each handshake.
///
/// **Threading.** Any thread; [#prepare] never waits.
public final class CertificateStore implements AutoCloseable {
  /// About 60 KiB of native memory each: a quarter of a gigabyte.
  static final int MAX_LOADED = 4096;

  private static final Logger LOG = LoggerFactory.getLogger(CertificateStore.class);

  private final SecureRandom random = new SecureRandom();
  private final ExecutorService loader;
  private final AsyncCache<Certificate, Prepared> loaded;
  private volatile TicketKeys tickets = TicketKeys.first(random);

  /// @param loader runs what loads, which takes milliseconds of CPU: not an event loop
  public CertificateStore(ExecutorService loader) {
    this.loader = loader;
    loaded =
        Caffeine.newBuilder()
            .maximumSize(MAX_LOADED)
            .evictionListener(CertificateStore::onDropped)
            .buildAsync();
  }

  /// The certificate, loaded or not fit for use; done at once where it is loaded already.
  CompletableFuture<Prepared> prepare(Certificate certificate) {
    return loaded.get(
        certificate, (row, _) -> CompletableFuture.supplyAsync(() -> load(row), loader));
  }

  /// Replaces the key that new tickets are made with; housekeeping's, every
  /// [TicketKeys#ROTATION_HOURS].
  public void rotateTicketKeys() {
    TicketKeys next = tickets.rotated(random);
    tickets = next;
    for (Prepared prepared : loaded.synchronous().asMap().values()) {
      if (prepared instanceof Prepared.Ready ready && ready.borrow()) {
        try {
          next.install(ready.context());
        } finally {
          ready.giveBack();
        }
      }
    }
  }

  /// Hours between two rotations.
  public static int ticketRotationHours() {
    return TicketKeys.ROTATION_HOURS;
  }

  /// What a certificate vouches for, or null where it cannot be read; blocks for the parsing.
  public static CertifiedNames namesOf(Certificate certificate) {
    try {
      return PublicTls.names(certificate);
    } catch (GeneralSecurityException | IOException e) {
      return null;
    }
  }

  /// Gives back what is loaded; connections keep their own references. Nothing is prepared after
  /// it.
  @Override
  public void close() {
    for (Prepared prepared : loaded.synchronous().asMap().values()) {
      giveBack(prepared);
    }
  }

  private Prepared load(Certificate certificate) {
    try {
      CertifiedNames names = PublicTls.names(certificate);
      var context = PublicTls.context(certificate);
      tickets.install(context);
      return new Prepared.Ready(context, names);
    } catch (GeneralSecurityException | IOException e) {
      String reason = LogText.escape(String.valueOf(e.getMessage()));
      LOG.warn("certificate {} cannot be served: {}", certificate, reason);
      return new Prepared.Broken(reason);
    }
  }

  private static void onDropped(Certificate key, Prepared prepared, RemovalCause cause) {
    giveBack(prepared);
  }

  private static void giveBack(Prepared prepared) {
    if (prepared instanceof Prepared.Ready ready) {
      ready.giveBack();
    }
  }
}
