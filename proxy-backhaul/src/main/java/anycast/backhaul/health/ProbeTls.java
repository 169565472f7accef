package anycast.backhaul.health;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// TLS towards an app that is checked: its certificate by the system's roots and name, or not at
/// all where the check says so, as apps on the same host often have one of their own making.
///
/// **Threading.** The probe's thread, which blocks.
final class ProbeTls {
  private static final SSLContext SKIPPING = skipping();

  private ProbeTls() {}

  /// Shakes hands over `plain`; closing one closes both.
  static Socket over(Socket plain, Aim aim) throws IOException {
    boolean verify = aim.check().http().verify();
    String name = aim.check().http().serverName();
    String peer = name.isEmpty() ? aim.host() : name;
    SSLSocket socket =
        (SSLSocket)
            (verify ? usual() : SKIPPING)
                .getSocketFactory()
                .createSocket(plain, peer, aim.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    if (!name.isEmpty()) {
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    if (verify) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static SSLContext usual() throws SSLException {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new SSLException("no system roots", e);
    }
  }

  private static SSLContext skipping() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TakesAny()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /// For checks that say so only. The extended kind, as the other one is asked for names anyway.
  private static final class TakesAny extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
