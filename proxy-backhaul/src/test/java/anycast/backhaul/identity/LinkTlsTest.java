package anycast.backhaul.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Node.Role;
import anycast.routing.model.NodeId;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkTlsTest {
  private static final InstantSource NOW = InstantSource.system();
  private static final NodeId WORKER = new NodeId("wrk-fra-1");

  @TempDir Path directory;
  private PrivateCa ca;
  private Identity edge;
  private Identity worker;

  @BeforeEach
  void makeFleet() throws IdentityProblem {
    ca = PrivateCa.init(directory.resolve("ca"), NOW);
    edge = Identity.load(files(ca, Role.EDGE, "edge-fra-1"), NOW);
    worker = Identity.load(files(ca, Role.WORKER, WORKER.value()), NOW);
  }

  @Test
  void bothEndsAgreeOnHybridGroupAndHttp2AndKnowEachOther() throws Exception {
    LinkHandshake link = LinkHandshake.between(worker.linkServer(), edge.linkClient());

    assertTrue(link.succeeded(), () -> link.toString());
    assertEquals("X25519MLKEM768", link.group());
    assertEquals("TLSv1.3", link.clientSession().getProtocol());
    assertEquals("h2", link.protocol());
    assertEquals(
        new PeerCheck.Result.Ok(edge.self()), PeerCheck.role(link.serverSession(), Role.EDGE));
    assertEquals(
        new PeerCheck.Result.Ok(worker.self()),
        PeerCheck.node(link.clientSession(), Role.WORKER, WORKER));
  }

  @Test
  void peerOfOtherNodeOrRoleIsRefusedWithReason() throws Exception {
    LinkHandshake link = LinkHandshake.between(worker.linkServer(), edge.linkClient());

    assertEquals(
        new PeerCheck.Result.Refused("peer is worker wrk-fra-1, wanted worker wrk-iad-1"),
        PeerCheck.node(link.clientSession(), Role.WORKER, new NodeId("wrk-iad-1")));
    assertEquals(
        new PeerCheck.Result.Refused("peer is edge edge-fra-1, wanted any worker"),
        PeerCheck.role(link.serverSession(), Role.WORKER));
  }

  @Test
  void publicCertificateOfTheSameCaIsNobodyOnALink() throws Exception {
    Path www = directory.resolve("www");
    IdentityFiles files =
        ca.issueServer(List.of("www.example.com"), Duration.ofDays(1))
            .write(www, "www", ca.certificateFile());
    SslContext server =
        SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
            .sslProvider(SslProvider.OPENSSL)
            .protocols("TLSv1.3")
            .build();

    LinkHandshake link = LinkHandshake.between(server, edge.linkClient());

    assertTrue(link.succeeded(), () -> link.toString());
    assertEquals(
        new PeerCheck.Result.Refused("peer's certificate names no node"),
        PeerCheck.node(link.clientSession(), Role.WORKER, WORKER));
  }

  @Test
  void clientWithClassicalGroupOnlyIsRefused() throws Exception {
    SslContext classical =
        client(files(ca, Role.EDGE, "edge-old"), "TLSv1.3")
            .option(OpenSslContextOption.GROUPS, new String[] {"X25519"})
            .build();

    LinkHandshake link = LinkHandshake.between(worker.linkServer(), classical);

    assertNotNull(link.serverFault());
    assertNotNull(link.clientFault());
  }

  @Test
  void serverWithClassicalGroupOnlyIsRefused() throws Exception {
    IdentityFiles files = files(ca, Role.WORKER, "wrk-old");
    SslContext classical =
        SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
            .sslProvider(SslProvider.OPENSSL)
            .option(OpenSslContextOption.GROUPS, new String[] {"X25519"})
            .build();

    LinkHandshake link = LinkHandshake.between(classical, edge.linkClient());

    assertNotNull(link.clientFault());
  }

  @Test
  void tls12IsRefused() throws Exception {
    SslContext old = client(files(ca, Role.EDGE, "edge-old"), "TLSv1.2").build();

    LinkHandshake link = LinkHandshake.between(worker.linkServer(), old);

    assertNotNull(link.serverFault());
    assertNotNull(link.clientFault());
  }

  @Test
  void clientWithoutCertificateIsRefused() throws Exception {
    SslContext anonymous =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .trustManager(ca.certificateFile().toFile())
            .endpointIdentificationAlgorithm("")
            .build();

    LinkHandshake link = LinkHandshake.between(worker.linkServer(), anonymous);

    assertNotNull(link.serverFault());
  }

  @Test
  void certificatesOfAnotherCaAreRefusedOnBothSides() throws Exception {
    PrivateCa other = PrivateCa.init(directory.resolve("other"), NOW);
    Identity stranger = Identity.load(files(other, Role.WORKER, WORKER.value()), NOW);

    assertNotNull(
        LinkHandshake.between(stranger.linkServer(), edge.linkClient()).clientFault(),
        "the edge believed a foreign worker");

    IdentityFiles foreign = files(other, Role.EDGE, "edge-fra-1");
    SslContext intruder =
        client(new IdentityFiles(ca.certificateFile(), foreign.certificate(), foreign.key()), null)
            .build();
    assertNotNull(
        LinkHandshake.between(worker.linkServer(), intruder).serverFault(),
        "the worker believed a foreign edge");
  }

  @Test
  void expiredCertificateIsRefusedByThePeer() throws Exception {
    InstantSource lastYear = InstantSource.fixed(Instant.now().minus(Duration.ofDays(300)));
    PrivateCa then = PrivateCa.init(directory.resolve("then"), lastYear);
    IdentityFiles expired = files(then, Role.WORKER, WORKER.value());
    // Loaded with the clock of its day, as a process does that runs past its certificate's end.
    Identity old = Identity.load(expired, lastYear);
    Identity fresh =
        Identity.load(
            files(PrivateCa.open(directory.resolve("then"), NOW), Role.EDGE, "edge-fra-1"), NOW);

    LinkHandshake asServer = LinkHandshake.between(old.linkServer(), fresh.linkClient());
    LinkHandshake asClient = LinkHandshake.between(fresh.linkServer(), old.linkClient());

    assertNotNull(asServer.clientFault());
    assertNotNull(asClient.serverFault());
    assertFalse(asClient.succeeded());
  }

  @Test
  @SuppressWarnings("deprecation") // The pointer is the only way to ask BoringSSL itself.
  void nothingIsKeptToResumeFrom() {
    for (SslContext context : List.of(worker.linkServer(), edge.linkClient())) {
      long pointer = ((ReferenceCountedOpenSslContext) context).sslCtxPointer();
      assertNotEquals(0, SSLContext.getOptions(pointer) & SSL.SSL_OP_NO_TICKET);
      assertFalse(((OpenSslSessionContext) context.sessionContext()).isSessionCacheEnabled());
    }
  }

  private IdentityFiles files(PrivateCa issuer, Role role, String node) throws IdentityProblem {
    Path to = directory.resolve(issuer.certificateFile().getParent().getFileName() + "-issued");
    return issuer
        .issue(role, new NodeId(node), PrivateCa.LEAF_VALIDITY)
        .write(to, node, issuer.certificateFile());
  }

  private static SslContextBuilder client(IdentityFiles files, String protocol) {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .keyManager(files.certificate().toFile(), files.key().toFile())
            .trustManager(files.ca().toFile())
            .endpointIdentificationAlgorithm("");
    return protocol == null ? builder : builder.protocols(protocol);
  }
}
