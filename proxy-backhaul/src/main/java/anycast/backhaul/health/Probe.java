package anycast.backhaul.health;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h1.BodyDecoder;
import anycast.backhaul.h1.BodyRead;
import anycast.backhaul.h1.Framing;
import anycast.backhaul.h1.ResponseParser;
import anycast.backhaul.h1.ResponseRead;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.HealthCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/// Does one check once: a connection, and an HTTP/1.1 request on it where one is asked for.
///
/// Any 2xx passes, or the statuses that the check names; a redirect is no answer of an app that
/// works, so it fails. The body is read only for a number in it.
///
/// **Threading.** One thread, which blocks; a virtual one. [#abort] from another ends it.
/// **Limits.** The check's timeout, by whoever aborts; a body of [#MAX_BODY]. **Faults.** None:
/// whatever goes wrong is a result.
final class Probe {
  /// A status page; who answers more than that answers not the question.
  static final int MAX_BODY = 64 << 10;

  private static final int FIRST_GOOD = 200;
  private static final int FIRST_NOT_GOOD = 300;

  private final Aim aim;
  private final Socket plain = new Socket();

  Probe(Aim aim) {
    this.aim = aim;
  }

  /// Ends it: what blocks returns at once.
  void abort() {
    try {
      plain.close();
    } catch (IOException e) {
      // It is closed, or was never open.
    }
  }

  CheckResult run() {
    try (plain) {
      InetAddress address = InetAddress.getByName(aim.host());
      int millis = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(aim.check().timeoutNanos()));
      plain.setSoTimeout(millis);
      plain.connect(new InetSocketAddress(address, aim.port()), millis);
      HealthCheck.Http http = aim.check().http();
      if (http == null) {
        return new CheckResult.Passed();
      }
      byte[] request = ProbeRequest.bytes(http, aim);
      if (request == null) {
        return new CheckResult.Failed("its request would be malformed");
      }
      if (!http.tls()) {
        return ask(http, plain, request);
      }
      try (Socket tls = ProbeTls.over(plain, aim)) {
        return ask(http, tls, request);
      }
    } catch (SocketTimeoutException e) {
      return new CheckResult.Failed("no answer in time");
    } catch (UnknownHostException e) {
      return new CheckResult.Failed("host is not known");
    } catch (ConnectException e) {
      return new CheckResult.Failed("connection refused");
    } catch (SSLException e) {
      return new CheckResult.Failed("TLS failed: " + e.getMessage());
    } catch (IOException | IllegalArgumentException e) {
      return new CheckResult.Failed("connection failed: " + e.getMessage());
    }
  }

  private static CheckResult ask(HealthCheck.Http http, Socket socket, byte[] request)
      throws IOException {
    socket.getOutputStream().write(request);
    socket.getOutputStream().flush();
    InputStream in = socket.getInputStream();
    ResponseParser parser = new ResponseParser();
    parser.begin(http.method().equals("HEAD"), false);
    byte[] bytes = new byte[8 << 10];
    while (true) {
      int read = in.read(bytes);
      if (read < 0) {
        return new CheckResult.Failed("closed before it answered");
      }
      ByteBuf data = Unpooled.wrappedBuffer(bytes, 0, read);
      ResponseRead.Complete whole = null;
      while (data.isReadable() && whole == null) {
        switch (parser.read(data)) {
          case ResponseRead.Incomplete.MORE -> {}
          case ResponseRead.Refused(var fault) -> {
            return new CheckResult.Failed("answered not in HTTP: " + fault.detail());
          }
          case ResponseRead.Complete complete -> {
            whole = complete.head().informational() ? null : complete;
          }
        }
      }
      if (whole != null) {
        return judge(http, whole, data, in);
      }
    }
  }

  private static CheckResult judge(
      HealthCheck.Http http, ResponseRead.Complete answer, ByteBuf first, InputStream in)
      throws IOException {
    ResponseHead head = answer.head();
    int status = head.status();
    boolean good =
        http.statuses().isEmpty()
            ? status >= FIRST_GOOD && status < FIRST_NOT_GOOD
            : http.statuses().contains(status);
    if (!good) {
      boolean redirect = status >= FIRST_NOT_GOOD && head.fields().contains(ProbeRequest.LOCATION);
      return new CheckResult.Failed("status " + status + (redirect ? ", a redirect" : ""));
    }
    HealthCheck.Lag lag = http.lag();
    if (lag == null) {
      return new CheckResult.Passed();
    }
    if (!lag.header().isEmpty()) {
      return LagReading.ofHeader(lag, head.fields());
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    CheckResult unread = readBody(answer, first, in, body);
    return unread != null ? unread : LagReading.ofBody(lag, body.toByteArray());
  }

  /// @return null where the body is whole
  private static CheckResult readBody(
      ResponseRead.Complete answer, ByteBuf first, InputStream in, ByteArrayOutputStream body)
      throws IOException {
    if (!answer.framing().hasBody()) {
      return null;
    }
    BodyDecoder decoder = new BodyDecoder(FaultKind.APP_PROTOCOL);
    decoder.begin(answer.framing());
    boolean untilClose = answer.framing().kind() == Framing.Kind.UNTIL_CLOSE;
    byte[] bytes = new byte[8 << 10];
    ByteBuf data = first;
    while (true) {
      switch (decoder.read(data, bytes.length)) {
        case BodyRead.Part(ByteBuf part, boolean end) -> {
          byte[] piece = new byte[part.readableBytes()];
          part.readBytes(piece);
          part.release();
          body.writeBytes(piece);
          if (body.size() > MAX_BODY) {
            return new CheckResult.Failed("body is longer than " + MAX_BODY + " bytes");
          }
          if (end) {
            return null;
          }
        }
        case BodyRead.End(Fields _) -> {
          return null;
        }
        case BodyRead.Refused(var fault) -> {
          return new CheckResult.Failed("answered not in HTTP: " + fault.detail());
        }
        case BodyRead.Incomplete.MORE -> {
          int read = in.read(bytes);
          if (read < 0) {
            return untilClose ? null : new CheckResult.Failed("closed in the middle of its body");
          }
          data = Unpooled.wrappedBuffer(bytes, 0, read);
        }
      }
    }
  }
}
