package anycast.demo;

import anycast.routing.time.Ticker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// Asks an edge for a host over TLS, until it answers: rows travel from worker to edge after both
/// say that they are ready, and a fleet that is handed over answers at once.
public final class Probe {
  private static final int READ_TIMEOUT_MILLIS = 2000;
  private static final int PAUSE_MILLIS = 50;

  private final Path ca;
  private final Ticker ticker;

  public Probe(Path ca, Ticker ticker) {
    this.ca = ca;
    this.ticker = ticker;
  }

  /// Returns the answer's head as it came, lines separated by a line feed.
  public String awaitAnswer(String edge, String address, String host, String path, Duration timeout)
      throws FleetFault {
    long deadlineNanos = ticker.nanos() + timeout.toNanos();
    String last;
    do {
      last = once(address, host, path);
      if (last.startsWith("HTTP/1.1 200")) {
        return last;
      }
      LockSupport.parkNanos(PAUSE_MILLIS * 1_000_000L);
    } while (ticker.nanos() - deadlineNanos < 0);
    throw new FleetFault("%s does not answer for %s: %s".formatted(edge, host, last));
  }

  /// The head, or what went wrong.
  public String once(String address, String host, String path) {
    int colon = address.lastIndexOf(':');
    String ip = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    // A new context each time: the JDK keys sessions by address, and would resume one of another
    // host's, which RFC 8446 §4.6.1 forbids where the certificate does not cover both.
    try (SSLSocket socket = (SSLSocket) trusting(ca).getSocketFactory().createSocket(ip, port)) {
      socket.setSoTimeout(READ_TIMEOUT_MILLIS);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(host)));
      socket.setSSLParameters(parameters);
      String request =
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      StringBuilder head = new StringBuilder();
      for (String line = lines.readLine();
          line != null && !line.isEmpty();
          line = lines.readLine()) {
        head.append(line).append('\n');
      }
      return head.isEmpty() ? "closed without an answer" : head.toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Trusts the certificate in `ca` (PEM) and nothing else.
  public static SSLContext trusting(Path ca) {
    try (InputStream pem = Files.newInputStream(ca)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry(
          "demo", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(ca + " is no certificate", e);
    }
  }
}
