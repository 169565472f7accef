package anycast.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// One handshake of a BoringSSL client, and what came of it.
///
/// @param fault null where it succeeded
record TlsProbe(
    Throwable fault, String protocol, String group, String application, X509Certificate leaf) {
  /// What the client offers.
  static final class Offer {
    private String name = "a.test";
    private List<String> applications = List.of("h2", "http/1.1");
    private String[] versions = {"TLSv1.3", "TLSv1.2"};
    private String[] groups = {"X25519MLKEM768", "x25519"};

    Offer name(String newName) {
      name = newName;
      return this;
    }

    Offer applications(String... newApplications) {
      applications = Arrays.asList(newApplications);
      return this;
    }

    Offer versions(String... newVersions) {
      versions = newVersions;
      return this;
    }

    Offer groups(String... newGroups) {
      groups = newGroups;
      return this;
    }
  }

  /// Shakes hands with the edge's TLS listener.
  static TlsProbe of(EdgeFixture fixture, Offer offer) throws Exception {
    SslContext context = context(fixture, offer);
    try {
      EventLoop loop = fixture.loops.loops().getFirst();
      CompletableFuture<SslHandler> made = new CompletableFuture<>();
      Channel channel =
          fixture
              .loops
              .client(loop)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel fresh) {
                      SslHandler tls =
                          offer.name == null
                              ? context.newHandler(fresh.alloc())
                              : context.newHandler(fresh.alloc(), offer.name, 443);
                      fresh.pipeline().addLast(tls, new Quiet());
                      made.complete(tls);
                    }
                  })
              .connect(fixture.address(0))
              .sync()
              .channel();
      SslHandler tls = made.get(10, TimeUnit.SECONDS);
      tls.handshakeFuture().await(10, TimeUnit.SECONDS);
      TlsProbe probe = outcome(tls);
      channel.close().sync();
      return probe;
    } finally {
      ReferenceCountUtil.release(context);
    }
  }

  private static SslContext context(EdgeFixture fixture, Offer offer) throws Exception {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(fixture.ca.certificateFile().toFile())
            .endpointIdentificationAlgorithm(null)
            .protocols(offer.versions)
            .option(OpenSslContextOption.GROUPS, offer.groups);
    if (!offer.applications.isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              offer.applications));
    }
    return builder.build();
  }

  private static TlsProbe outcome(SslHandler tls) throws Exception {
    Throwable fault = tls.handshakeFuture().cause();
    if (fault != null) {
      return new TlsProbe(fault, null, null, null, null);
    }
    OpenSslSession session = (OpenSslSession) tls.engine().getSession();
    return new TlsProbe(
        null,
        session.getProtocol(),
        session.getNamedGroup(),
        tls.applicationProtocol(),
        (X509Certificate) session.getPeerCertificates()[0]);
  }

  /// The handshake's future tells what went wrong; nobody has to log it.
  private static final class Quiet extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  String faultText() {
    return String.valueOf(fault);
  }
}
