package anycast.drill;

import anycast.demo.Probe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// One request on a new connection: a certificate that is gone would go unnoticed on an old one.
///
/// **Threading.** Any; calls block for some seconds at most.
final class Client {
  /// Far above what the slowest machine needs: only a hang takes that long.
  private static final int TIMEOUT_MILLIS = 15_000;

  private final Path ca;
  private final int timeoutMillis;

  /// One for each host: sessions must not be resumed for another (RFC 8446 §4.6.1).
  private final Map<String, SSLContext> contexts = new ConcurrentHashMap<>();

  Client(Path ca) {
    this(ca, TIMEOUT_MILLIS);
  }

  Client(Path ca, int timeoutMillis) {
    this.ca = ca;
    this.timeoutMillis = timeoutMillis;
  }

  /// @return the status, or in a word what went wrong
  String get(Target target) {
    int colon = target.edge().lastIndexOf(':');
    InetSocketAddress address =
        new InetSocketAddress(
            target.edge().substring(0, colon),
            Integer.parseInt(target.edge().substring(colon + 1)));
    SSLContext context = contexts.computeIfAbsent(target.host(), _ -> Probe.trusting(ca));
    try (Socket plain = new Socket()) {
      plain.connect(address, timeoutMillis);
      plain.setSoTimeout(timeoutMillis);
      try (SSLSocket socket =
          (SSLSocket)
              context
                  .getSocketFactory()
                  .createSocket(plain, target.host(), address.getPort(), true)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(target.host())));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        return ask(socket, target.host());
      }
    } catch (SocketTimeoutException e) {
      return "timeout";
    } catch (SSLException e) {
      return "tls";
    } catch (IOException e) {
      return "closed";
    }
  }

  private static String ask(SSLSocket socket, String host) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                .formatted(host)
                .getBytes(StandardCharsets.US_ASCII));
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    String first = lines.readLine();
    if (first == null || !first.startsWith("HTTP/1.1 ") || first.length() < 12) {
      return "closed";
    }
    while (lines.readLine() != null) {
      // to its end: a body that breaks off is a failure too
    }
    return first.substring(9, 12);
  }
}
