package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.Counter;
import anycast.routing.model.Certificate;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.Callable;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Handshakes with a real edge over real sockets.
@Timeout(60)
class EdgeTlsTest {
  private EdgeFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new EdgeFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource({"a.test,a.test", "A.Test,a.test", "x.wild.test,*.wild.test"})
  void picksTheCertificateByServerName(String asked, String got) throws Exception {
    TlsProbe probe = TlsProbe.of(fixture, new TlsProbe.Offer().name(asked));
    assertNull(probe.fault());
    assertTrue(probe.leaf().getSubjectAlternativeNames().toString().contains(got));
  }

  @Test
  void agreesOnTheHybridGroupBeforeAllOthers() throws Exception {
    TlsProbe both = TlsProbe.of(fixture, new TlsProbe.Offer());
    assertEquals("X25519MLKEM768", both.group());
    assertEquals("TLSv1.3", both.protocol());
    TlsProbe only = TlsProbe.of(fixture, new TlsProbe.Offer().groups("X25519MLKEM768"));
    assertNull(only.fault());
    TlsProbe reversed =
        TlsProbe.of(fixture, new TlsProbe.Offer().groups("x25519", "X25519MLKEM768"));
    assertEquals("X25519MLKEM768", reversed.group());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x25519", "secp256r1", "secp384r1"})
  void servesClientsWithoutTheHybridGroup(String group) throws Exception {
    assertNull(TlsProbe.of(fixture, new TlsProbe.Offer().groups(group)).fault());
  }

  @ParameterizedTest
  @CsvSource({"h2,h2", "http/1.1,http/1.1", "'h2,http/1.1',h2", "'http/1.1,h2',h2", "'h3,h2',h2"})
  void agreesOnTheProtocolThatItPrefers(String offered, String agreed) throws Exception {
    TlsProbe probe = TlsProbe.of(fixture, new TlsProbe.Offer().applications(offered.split(",")));
    assertEquals(agreed, probe.application());
  }

  @Test
  void servesClientsThatOfferNoProtocol() throws Exception {
    TlsProbe probe = TlsProbe.of(fixture, new TlsProbe.Offer().applications());
    assertNull(probe.fault());
    assertNull(probe.application());
  }

  @Test
  void refusesUnknownProtocolsWithTheirAlert() throws Exception {
    TlsProbe probe = TlsProbe.of(fixture, new TlsProbe.Offer().applications("h3", "mqtt"));
    assertTrue(probe.faultText().contains("NO_APPLICATION_PROTOCOL"), probe.faultText());
  }

  @Test
  void refusesUnknownNamesWithTheirAlert() throws Exception {
    TlsProbe probe = TlsProbe.of(fixture, new TlsProbe.Offer().name("stranger.test"));
    assertTrue(probe.faultText().contains("UNRECOGNIZED_NAME"), probe.faultText());
    eventually(1L, () -> fixture.count(Counter.TLS_NAME_UNKNOWN));
    eventually(1L, () -> fixture.count(Counter.TLS_HANDSHAKES_FAILED));
  }

  @Test
  void refusesClientsThatNameNoServer() throws Exception {
    TlsProbe probe = TlsProbe.of(fixture, new TlsProbe.Offer().name(null));
    assertNotNull(probe.fault());
    assertTrue(
        probe.faultText().contains("MISSING_EXTENSION") || probe.faultText().contains("1109"),
        probe.faultText());
  }

  @Test
  void showsTheDefaultCertificateWhereOneIsConfigured() throws Exception {
    try (EdgeFixture other = new EdgeFixture("a.test")) {
      assertNull(TlsProbe.of(other, new TlsProbe.Offer().name(null)).fault());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1"})
  void refusesVersionsThatAreTooOld(String version) throws Exception {
    TlsProbe probe = TlsProbe.of(fixture, new TlsProbe.Offer().versions(version));
    assertTrue(probe.faultText().contains("PROTOCOL_VERSION"), probe.faultText());
  }

  @Test
  void servesTls12() throws Exception {
    TlsProbe probe =
        TlsProbe.of(
            fixture, new TlsProbe.Offer().versions("TLSv1.2").groups("x25519", "secp256r1"));
    assertNull(probe.fault());
    assertEquals("TLSv1.2", probe.protocol());
  }

  @Test
  void showsARenewedCertificateToTheNextHandshake() throws Exception {
    TlsProbe before = TlsProbe.of(fixture, new TlsProbe.Offer());
    fixture.putCertificate(2, "a.test");
    TlsProbe after = TlsProbe.of(fixture, new TlsProbe.Offer());
    assertNotEquals(before.leaf().getSerialNumber(), after.leaf().getSerialNumber());
  }

  @Test
  void refusesOnlyTheNameWhoseCertificateIsBroken() throws Exception {
    fixture.put(new Certificate("broken.test", "no chain", "no key", 1));
    TlsProbe broken = TlsProbe.of(fixture, new TlsProbe.Offer().name("broken.test"));
    assertTrue(broken.faultText().contains("INTERNAL_ERROR"), broken.faultText());
    assertNull(TlsProbe.of(fixture, new TlsProbe.Offer()).fault());
  }

  @Test
  void resumesASessionByItsTicket() throws Exception {
    SSLContext context = fixture.clientContext("TLSv1.2");
    long first = connected(context).getCreationTime();
    assertEquals(first, connected(context).getCreationTime());
    fixture.edge.certificates().rotateTicketKeys();
    assertEquals(first, connected(context).getCreationTime());
    for (int i = 0; i < 3; i++) {
      fixture.edge.certificates().rotateTicketKeys();
    }
    assertNotEquals(first, connected(context).getCreationTime());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "\u0016\u0003\u0001\u0000\u0004abcd",
        "\u0000\u0000\u0000\u0000\u0000\u0000"
      })
  void closesOnBytesThatAreNoTls(String bytes) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), fixture.httpsPort())) {
      socket.setSoTimeout(15_000);
      OutputStream out = socket.getOutputStream();
      out.write(bytes.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      out.flush();
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {
        // An alert may come first.
      }
    }
    eventually(1L, () -> fixture.count(Counter.TLS_HANDSHAKES_FAILED));
  }

  /// A session of the JDK's client, which keeps tickets and offers them by itself.
  private SSLSession connected(SSLContext context) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), fixture.httpsPort())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(java.util.List.of(new SNIHostName("a.test")));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket.getSession();
    }
  }

  private static <T> void eventually(T expected, Callable<T> actual) throws Exception {
    long end = System.nanoTime() + EdgeFixture.PATIENCE.toNanos();
    while (!expected.equals(actual.call()) && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(expected, actual.call());
  }
}
