package anycast.backhaul.runtime;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Who listens on this host, as the kernel tells it: `/proc/net/tcp` and `/proc/net/tcp6`
/// (proc(5)).
///
/// **Threading.** Pure, but for reading the two files; not for event loops. **Limits.** At the
/// start only: the files have a line for each connection of the host.
final class Listening {
  private static final Path FOUR = Path.of("/proc/net/tcp");
  private static final Path SIX = Path.of("/proc/net/tcp6");

  /// Before an IPv4 address that a socket of IPv6 has (RFC 4291 §2.5.5.2).
  private static final String MAPPED = "0000000000000000FFFF0000";

  /// TCP_LISTEN.
  private static final String STATE = "0A";

  /// Fields of a line that we read: number, local address, remote address, state.
  private static final int FIELDS = 4;

  private Listening() {}

  /// How many sockets listen on exactly this address and port; 0 where the kernel does not say.
  static int on(InetSocketAddress address) {
    try {
      String local = local(address);
      List<String> six = Files.readAllLines(SIX, StandardCharsets.US_ASCII);
      return address.getAddress() instanceof Inet6Address
          ? count(six, local)
          : count(Files.readAllLines(FOUR, StandardCharsets.US_ASCII), local)
              + count(six, MAPPED + local);
    } catch (IOException e) {
      return 0;
    }
  }

  /// @param local address and port as in these lines
  static int count(List<String> lines, String local) {
    int count = 0;
    for (String line : lines) {
      String[] fields = line.strip().split(" +", FIELDS + 1);
      if (fields.length >= FIELDS && fields[1].equals(local) && fields[3].equals(STATE)) {
        count++;
      }
    }
    return count;
  }

  /// The kernel writes each word of the address as its CPU holds it, little end first.
  static String local(InetSocketAddress address) {
    byte[] bytes = address.getAddress().getAddress();
    StringBuilder text = new StringBuilder();
    for (int word = 0; word < bytes.length; word += Integer.BYTES) {
      for (int i = Integer.BYTES - 1; i >= 0; i--) {
        text.append(String.format("%02X", bytes[word + i]));
      }
    }
    return text.append(String.format(":%04X", address.getPort())).toString();
  }
}
