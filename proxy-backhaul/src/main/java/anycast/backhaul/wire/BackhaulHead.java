package anycast.backhaul.wire;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.head.Fields;
import anycast.routing.model.InstanceId;
import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Objects;

/// What an edge tells a worker about one request, beside the request itself.
///
/// It travels as three extra fields of the link's request head, all under one prefix:
///
/// ```
/// x-anycast-to:   hello-1 8080 500 0
///                 instance |   |   milliseconds that connecting to the app may take; 0 = as usual
///                          |   milliseconds that the request may wait for room; 0 = not at all
///                          internal port of the service; 0 = by the client's port
/// x-anycast-id:   01KAF3S2M5-fra
/// x-anycast-from: 203.0.113.7 443 tls 2 3 1250
///                 client      port    |  |  microseconds since the first byte of the head
///                                     |  hop budget
///                                     client's HTTP version
/// ```
///
/// The edge takes fields of the prefix out of what clients send, the worker before the app sees the
/// request: neither end can be told lies by the other side of its socket.
///
/// **Limits.** An id of 128 visible characters, a budget of 15 hops, [#MAX_WAIT_NANOS].
///
/// @param instance who is to answer
/// @param ask for what, and how patiently
/// @param arrival how the request came in; its `startNanos` is on this process' clock
/// @param hopBudget how many proxies more may pass the request on
public record BackhaulHead(InstanceId instance, Ask ask, Arrival arrival, int hopBudget) {
  /// What an edge wants of the instance.
  ///
  /// @param port internal port of the service; 0 = the service on the client's port
  /// @param queueNanos how long the request may wait for room; 0 = not at all
  /// @param connectNanos how long connecting to the app may take; 0 = as the worker does
  public record Ask(int port, long queueNanos, long connectNanos) {
    /// By the client's port, without waiting.
    public static final Ask USUAL = new Ask(0, 0, 0);
  }

  /// Enough for a route through a third region and a replay.
  public static final int FIRST_HOP_BUDGET = 3;

  /// Fields that [#encode] adds, and what they take as a rule.
  public static final int FIELDS = 3;

  public static final int TYPICAL_BYTES = 160;

  private static final int MAX_HOPS = 15;
  private static final int MAX_ID_LENGTH = 128;
  private static final int MAX_FROM_LENGTH = 128;
  private static final int FROM_PARTS = 6;
  private static final int MAX_TO_LENGTH = 300;
  private static final int TO_PARTS = 4;
  private static final int MAX_PORT = 65_535;
  private static final long NANOS_A_MILLI = 1_000_000;

  /// No client waits longer than ten minutes for the beginning of an answer; beyond that a number
  /// is a mistake.
  public static final long MAX_WAIT_NANOS = 600_000 * NANOS_A_MILLI;

  private static final long NANOS_A_MICRO = 1_000;

  /// A clock that counts from the head's first byte cannot say more than a day.
  private static final long MAX_AGE_MICROS = 86_400_000_000L;

  /// Of the names that only proxies may send.
  public static final AsciiString PREFIX = AsciiString.cached("x-anycast-");

  private static final AsciiString TO = AsciiString.cached("x-anycast-to");
  private static final AsciiString ID = AsciiString.cached("x-anycast-id");
  private static final AsciiString FROM = AsciiString.cached("x-anycast-from");

  /// In a response's head: how busy the instance is, as `LoadLines` writes the numbers.
  public static final AsciiString LOAD = AsciiString.cached("x-anycast-load");

  private static final AsciiString SWITCHED = AsciiString.cached("x-anycast-switched");

  public BackhaulHead {
    Objects.requireNonNull(instance, "instance");
    Objects.requireNonNull(ask, "ask");
    Objects.requireNonNull(arrival, "arrival");
  }

  /// Whether field `i` is one that only proxies may send.
  public static boolean isInternal(Fields fields, int i) {
    int length = PREFIX.length();
    if (fields.nameLength(i) < length) {
      return false;
    }
    byte[] bytes = fields.array();
    int at = fields.nameStart(i);
    byte[] prefix = PREFIX.array();
    for (int k = 0; k < length; k++) {
      if (bytes[at + k] != prefix[k]) {
        return false;
      }
    }
    return true;
  }

  /// Whether it says to which instance the request goes.
  static boolean isAddressed(Fields fields) {
    return fields.contains(TO);
  }

  /// Takes all internal fields out of the list.
  public static void strip(Fields fields) {
    for (int i = fields.size() - 1; i >= 0; i--) {
      if (isInternal(fields, i)) {
        fields.remove(i);
      }
    }
  }

  /// Says in a response that the stream carries the other protocol's bytes from here on: a 200 on
  /// an extended CONNECT alone could also be an app that ignored the upgrade.
  public static void markSwitched(Fields response) {
    response.add(SWITCHED, "1");
  }

  public static boolean isSwitched(Fields response) {
    return response.contains(SWITCHED);
  }

  /// Appends the three fields.
  ///
  /// @param nowNanos the same clock as the arrival's
  public void encode(Fields into, long nowNanos) {
    StringBuilder to = new StringBuilder(64);
    to.append(instance.value()).append(' ').append(ask.port());
    to.append(' ').append(millis(ask.queueNanos()));
    to.append(' ').append(millis(ask.connectNanos()));
    into.add(TO, to);
    into.add(ID, arrival.id());
    long ageMicros = Math.max(0, nowNanos - arrival.startNanos()) / NANOS_A_MICRO;
    StringBuilder from = new StringBuilder(64);
    from.append(NetUtil.toAddressString(arrival.client()))
        .append(' ')
        .append(arrival.port())
        .append(arrival.tls() ? " tls " : " tcp ")
        .append(arrival.httpVersion())
        .append(' ')
        .append(hopBudget)
        .append(' ')
        .append(Math.min(ageMicros, MAX_AGE_MICROS));
    into.add(FROM, from);
  }

  /// What is less than a millisecond and not nothing is one.
  private static long millis(long nanos) {
    return (Math.clamp(nanos, 0, MAX_WAIT_NANOS) + NANOS_A_MILLI - 1) / NANOS_A_MILLI;
  }

  /// Reads the three fields and leaves them in place.
  ///
  /// @param nowNanos this process' clock, to place the arrival on
  /// @throws Malformed where one is missing, twice, or not as [#encode] writes it
  public static BackhaulHead decode(Fields fields, long nowNanos) throws Malformed {
    String told = only(fields, TO);
    if (told.length() > MAX_TO_LENGTH) {
      throw new Malformed("target of " + told.length() + " bytes");
    }
    String[] to = told.split(" ", -1);
    if (to.length != TO_PARTS) {
      throw new Malformed("target of " + to.length + " parts");
    }
    InstanceId instance = instanceOf(to[0]);
    Ask ask =
        new Ask(
            (int) number(to[1], MAX_PORT, "service"),
            number(to[2], MAX_WAIT_NANOS / NANOS_A_MILLI, "wait") * NANOS_A_MILLI,
            number(to[3], MAX_WAIT_NANOS / NANOS_A_MILLI, "connect time") * NANOS_A_MILLI);
    String id = only(fields, ID);
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH || !visible(id)) {
      throw new Malformed("exchange id");
    }
    String from = only(fields, FROM);
    if (from.length() > MAX_FROM_LENGTH) {
      throw new Malformed("arrival of " + from.length() + " bytes");
    }
    String[] parts = from.split(" ", -1);
    if (parts.length != FROM_PARTS) {
      throw new Malformed("arrival of " + parts.length + " parts");
    }
    InetAddress client = NetUtil.createInetAddressFromIpAddressString(parts[0]);
    if (client == null) {
      throw new Malformed("client address");
    }
    int port = (int) number(parts[1], MAX_PORT, "port");
    boolean tls = tlsOf(parts[2]);
    String version = versionOf(parts[3]);
    int hops = (int) number(parts[4], MAX_HOPS, "hop budget");
    long ageMicros = number(parts[5], MAX_AGE_MICROS, "age");
    long startNanos = nowNanos - ageMicros * NANOS_A_MICRO;
    return new BackhaulHead(
        instance, ask, new Arrival(id, client, port, tls, version, startNanos), hops);
  }

  private static String only(Fields fields, AsciiString name) throws Malformed {
    int at = fields.find(name);
    if (at < 0) {
      throw new Malformed("no " + name);
    }
    if (fields.find(name, at + 1) >= 0) {
      throw new Malformed("two " + name);
    }
    return fields.valueText(at);
  }

  private static InstanceId instanceOf(String text) throws Malformed {
    try {
      return new InstanceId(text);
    } catch (IllegalArgumentException e) {
      throw new Malformed("instance id", e);
    }
  }

  private static boolean tlsOf(String text) throws Malformed {
    return switch (text) {
      case "tls" -> true;
      case "tcp" -> false;
      default -> throw new Malformed("transport");
    };
  }

  private static String versionOf(String text) throws Malformed {
    return switch (text) {
      case "1.0" -> "1.0";
      case "1.1" -> "1.1";
      case "2" -> "2";
      case "3" -> "3";
      default -> throw new Malformed("HTTP version");
    };
  }

  private static long number(String text, long max, String what) throws Malformed {
    int length = text.length();
    if (length == 0 || length > 12) {
      throw new Malformed(what);
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new Malformed(what);
      }
      value = value * 10 + digit;
    }
    if (value > max) {
      throw new Malformed(what);
    }
    return value;
  }

  private static boolean visible(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  /// The peer did not send a head that an edge of ours writes. The message names the part and holds
  /// none of the peer's bytes.
  public static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String what) {
      super("malformed backhaul head: " + what, null, false, false);
    }

    Malformed(String what, Throwable cause) {
      super("malformed backhaul head: " + what, cause, false, false);
    }
  }
}
