package anycast.backhaul.worker;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okForContentType;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A common HTTP server as the app, with the faults that such servers have: what the edge hears of
/// each, and that the next request is served.
@Timeout(60)
class AppFaultInjectionTest {
  private static final String BODY = "a body of forty bytes, told in pieces  .";

  @TempDir Path directory;
  private final WireMockServer app =
      new WireMockServer(
          WireMockConfiguration.wireMockConfig()
              .dynamicPort()
              .bindAddress("127.0.0.1")
              .containerThreads(12));
  private Chain chain;

  @BeforeEach
  void start() throws Exception {
    app.start();
    app.stubFor(get(urlEqualTo("/fine")).willReturn(okForContentType("text/plain", BODY)));
    chain = Chain.start(directory);
    chain.runs(app.port());
  }

  @AfterEach
  void stop() throws Exception {
    app.stop();
    chain.close();
  }

  /// What an app did with a request that it got can never be tried again elsewhere.
  private void assertBlamed(FaultKind kind, Call call) throws Exception {
    Fault fault = call.fault();
    assertEquals(kind, fault.kind(), fault::toString);
    assertFalse(fault.retrySafe());
    assertServesOn();
  }

  private void assertServesOn() throws Exception {
    assertEquals(BODY, chain.get("/fine").body());
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(Call.DEADLINE_SECONDS);
    while (chain.exchanges.inFlight() > 0 && System.nanoTime() < deadlineNanos) {
      Thread.onSpinWait();
    }
    assertEquals(0, chain.exchanges.inFlight());
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECTION_RESET_BY_PEER, APP_RESET",
    "EMPTY_RESPONSE, APP_RESET",
    "RANDOM_DATA_THEN_CLOSE, APP_PROTOCOL",
  })
  void faultBeforeTheHeadIsToldAsSuch(
      com.github.tomakehurst.wiremock.http.Fault injected, FaultKind kind) throws Exception {
    app.stubFor(get(urlEqualTo("/broken")).willReturn(aResponse().withFault(injected)));

    assertBlamed(kind, chain.get("/broken"));

    app.verify(1, getRequestedFor(urlEqualTo("/broken")));
  }

  @Test
  void malformedChunkBreaksAnAnswerThatHasBegun() throws Exception {
    app.stubFor(
        get(urlEqualTo("/broken"))
            .willReturn(
                aResponse()
                    .withStatus(200)
                    .withFault(
                        com.github.tomakehurst.wiremock.http.Fault.MALFORMED_RESPONSE_CHUNK)));

    Call call = chain.get("/broken");

    assertEquals(200, call.head().status());
    assertBlamed(FaultKind.APP_PROTOCOL, call);
  }

  @Test
  void sideEffectsOfAFaultyAppAreNotRepeatedOnAPooledConnection() throws Exception {
    app.stubFor(
        any(urlEqualTo("/broken"))
            .willReturn(
                aResponse()
                    .withFault(
                        com.github.tomakehurst.wiremock.http.Fault.CONNECTION_RESET_BY_PEER)));
    assertEquals(BODY, chain.get("/fine").body());

    Call call = chain.call(Call.request("POST", "/broken", new Fields()), true);

    assertBlamed(FaultKind.APP_RESET, call);
    assertEquals(1, app.countRequestsMatching(anyRequestTo("/broken")).getCount());
  }

  private static com.github.tomakehurst.wiremock.matching.RequestPattern anyRequestTo(String path) {
    return com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor(urlEqualTo(path))
        .build();
  }

  @Test
  void dribbledBodyOutlastsTheResponseTimeout() throws Exception {
    chain.limit(Duration.ofMillis(500), Duration.ofSeconds(20));
    app.stubFor(
        get(urlEqualTo("/dribble"))
            .willReturn(aResponse().withBody(BODY).withChunkedDribbleDelay(5, 1_500)));

    assertEquals(BODY, chain.get("/dribble").body());
    assertServesOn();
  }

  @Test
  void bodyThatStopsComingTimesOut() throws Exception {
    chain.limit(Duration.ofSeconds(20), Duration.ofMillis(500));
    app.stubFor(
        get(urlEqualTo("/dribble"))
            .willReturn(aResponse().withBody(BODY).withChunkedDribbleDelay(2, 20_000)));

    Call call = chain.get("/dribble");

    assertEquals(200, call.head().status());
    assertBlamed(FaultKind.APP_TIMEOUT, call);
    assertTrue(call.received.get() < BODY.length());
  }

  @Test
  void answerThatComesTooLateTimesOut() throws Exception {
    chain.limit(Duration.ofMillis(500), Duration.ZERO);
    app.stubFor(any(anyUrl()).atPriority(9).willReturn(aResponse().withFixedDelay(20_000)));

    long begunNanos = System.nanoTime();
    Call call = chain.get("/late");

    assertBlamed(FaultKind.APP_TIMEOUT, call);
    long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
    assertTrue(tookMillis >= 500, () -> tookMillis + " ms");
  }
}
