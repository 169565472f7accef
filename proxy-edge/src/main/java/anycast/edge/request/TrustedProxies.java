package anycast.edge.request;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// Networks whose `x-forwarded-for` is kept: load balancers and CDNs in front of the edge.
///
/// **Threading.** Immutable.
public final class TrustedProxies {
  private final List<Network> networks;

  private TrustedProxies(List<Network> networks) {
    this.networks = List.copyOf(networks);
  }

  public static TrustedProxies none() {
    return new TrustedProxies(List.of());
  }

  /// Reads networks such as `10.0.0.0/8` or `2001:db8::/32`; an address alone is a network of one.
  ///
  /// @throws IllegalArgumentException naming the text that is none
  public static TrustedProxies of(List<String> networks) {
    List<Network> parsed = new ArrayList<>();
    for (String text : networks) {
      parsed.add(Network.parse(text));
    }
    return new TrustedProxies(parsed);
  }

  public boolean contain(InetAddress address) {
    if (networks.isEmpty()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    for (Network network : networks) {
      if (network.contains(bytes)) {
        return true;
      }
    }
    return false;
  }

  private record Network(byte[] address, int bits) {
    static Network parse(String text) {
      int slash = text.indexOf('/');
      String host = slash < 0 ? text : text.substring(0, slash);
      byte[] address = literal(host, text);
      int bits = slash < 0 ? address.length * 8 : bits(text.substring(slash + 1), text);
      if (bits > address.length * 8) {
        throw refusal(text);
      }
      return new Network(address, bits);
    }

    private static byte[] literal(String host, String text) {
      if (host.isEmpty()
          || !host.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')) {
        throw refusal(text);
      }
      try {
        return InetAddress.ofLiteral(host).getAddress();
      } catch (IllegalArgumentException e) {
        throw refusal(text);
      }
    }

    private static int bits(String digits, String text) {
      if (digits.isEmpty()
          || digits.length() > 3
          || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw refusal(text);
      }
      return Integer.parseInt(digits);
    }

    private static IllegalArgumentException refusal(String text) {
      return new IllegalArgumentException("'" + text + "' is no network such as 10.0.0.0/8");
    }

    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      int whole = bits / 8;
      for (int i = 0; i < whole; i++) {
        if (other[i] != address[i]) {
          return false;
        }
      }
      int rest = bits % 8;
      return rest == 0 || ((other[whole] ^ address[whole]) & 0xff) >> (8 - rest) == 0;
    }
  }
}
