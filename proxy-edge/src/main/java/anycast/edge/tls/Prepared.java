package anycast.edge.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;

/// What became of a certificate when it was loaded.
sealed interface Prepared {
  /// Fit for handshakes.
  ///
  /// **Ownership.** The store holds one reference to the context; whoever uses it beside the store
  /// borrows one of its own.
  record Ready(SslContext context, CertifiedNames names) implements Prepared {
    /// Takes a reference, unless the store has dropped the context meanwhile.
    boolean borrow() {
      try {
        ReferenceCountUtil.retain(context);
        return true;
      } catch (IllegalReferenceCountException e) {
        return false;
      }
    }

    void giveBack() {
      ReferenceCountUtil.release(context);
    }
  }

  /// Of no use until its row changes.
  record Broken(String reason) implements Prepared {}
}
