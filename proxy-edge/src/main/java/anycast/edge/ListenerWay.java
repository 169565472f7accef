package anycast.edge;

import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.ListenerSockets;
import anycast.backhaul.watchdog.Canary;
import anycast.backhaul.watchdog.CanaryApp;
import anycast.edge.listener.Listeners;
import anycast.routing.model.Reserved;
import anycast.routing.time.Ticker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// A client of one listener: a connection of its own, TLS where the listener has it, one request.
///
/// **Threading.** The canary's. **Limits.** An answer of [#MAX_ANSWER] bytes. **Faults.** A
/// certificate that is not this process' own is told as another process': both listen on the same
/// address.
final class ListenerWay implements Canary.Way {
  private static final int MAX_ANSWER = 16 << 10;

  private final Listeners listeners;
  private final String name;
  private final InetSocketAddress target;
  private final CanaryApp app;
  private final Ticker ticker;

  /// Null where the listener is plain.
  private final SSLContext tls;

  /// @param listeners that let it in beyond their limit
  /// @param certificate that the listener is to show, in PEM
  ListenerWay(
      Listeners.Listening listener,
      Listeners listeners,
      CanaryApp app,
      String certificate,
      Ticker ticker)
      throws IOException {
    this.listeners = listeners;
    this.name = listener.config().name();
    this.target = ListenerSockets.reachable(listener.address());
    this.app = app;
    this.ticker = ticker;
    this.tls = listener.config().tls() ? trusting(certificate) : null;
  }

  private static SSLContext trusting(String certificate) throws IOException {
    try {
      X509Certificate wanted =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(certificate.getBytes(StandardCharsets.US_ASCII)));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Only(wanted)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("a canary's certificate cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void go(Duration limit) throws IOException {
    long untilNanos = ticker.nanos() + limit.toNanos();
    try (Socket socket = new Socket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(target.getAddress(), 0));
      SocketAddress self = socket.getLocalSocketAddress();
      listeners.expect(self);
      try {
        ask(socket, untilNanos);
      } finally {
        listeners.forget(self);
      }
    } catch (SocketTimeoutException e) {
      throw new IOException("no answer within " + limit.toMillis() + " ms from " + where(), e);
    }
  }

  private void ask(Socket socket, long untilNanos) throws IOException {
    socket.connect(target, left(untilNanos));
    socket.setSoTimeout(left(untilNanos));
    Socket spoken = tls == null ? socket : handshake(socket);
    spoken.getOutputStream().write(request().getBytes(StandardCharsets.US_ASCII));
    check(answer(socket, spoken.getInputStream(), untilNanos));
  }

  private String where() {
    return HostPort.of(target).toString();
  }

  private int left(long untilNanos) throws SocketTimeoutException {
    long millis = TimeUnit.NANOSECONDS.toMillis(untilNanos - ticker.nanos());
    if (millis <= 0) {
      throw new SocketTimeoutException();
    }
    return (int) millis;
  }

  private Socket handshake(Socket socket) throws IOException {
    SSLSocket secured =
        (SSLSocket)
            tls.getSocketFactory().createSocket(socket, Reserved.HOST, socket.getPort(), false);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(Reserved.HOST)));
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  private String request() {
    return "GET "
        + app.path()
        + " HTTP/1.1\r\nHost: "
        + Reserved.HOST
        + "\r\nConnection: close\r\n\r\n";
  }

  private String answer(Socket socket, InputStream in, long untilNanos) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    byte[] some = new byte[MAX_ANSWER];
    while (answer.size() < MAX_ANSWER) {
      socket.setSoTimeout(left(untilNanos));
      int count = in.read(some);
      if (count < 0) {
        break;
      }
      answer.write(some, 0, count);
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }

  private void check(String answer) throws IOException {
    int space = answer.indexOf(' ');
    int body = answer.indexOf("\r\n\r\n");
    int status = 0;
    if (space > 0 && answer.length() > space + 4) {
      String digits = answer.substring(space + 1, space + 4);
      status = digits.chars().allMatch(Character::isDigit) ? Integer.parseInt(digits) : 0;
    }
    if (body < 0 || !app.isAnswer(status, answer.substring(body + 4))) {
      throw new IOException(
          status == 0 ? "no answer came from " + where() : "status " + status + " from " + where());
    }
  }

  /// Trusts one certificate, whoever signed it.
  private static final class Only extends X509ExtendedTrustManager {
    private final X509Certificate wanted;

    Only(X509Certificate wanted) {
      this.wanted = wanted;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      if (!chain[0].equals(wanted)) {
        throw new CertificateException("another process answers with a certificate of its own");
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("this is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
