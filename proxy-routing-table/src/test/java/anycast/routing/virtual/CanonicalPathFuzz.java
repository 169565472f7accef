package anycast.routing.virtual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.virtual.PathPolicy.Backslash;
import anycast.routing.virtual.PathPolicy.Controls;
import anycast.routing.virtual.PathPolicy.Dots;
import anycast.routing.virtual.PathPolicy.EncodedSlash;
import anycast.routing.virtual.PathPolicy.Parameters;
import anycast.routing.virtual.PathPolicy.Slashes;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Targets of requests, under every policy. The first byte chooses the policy.
public final class CanonicalPathFuzz {
  @FuzzTest(maxDuration = "10s")
  void fuzz(byte[] bytes) {
    check(bytes);
  }

  public static void check(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    PathPolicy policy = policy(bytes[0] & 0xff);
    byte[] target = Arrays.copyOfRange(bytes, 1, bytes.length);
    byte[] once = canonical(target, policy);
    if (once != null) {
      assertArrayEquals(once, canonical(once, policy));
      if (!"*".equals(new String(once, StandardCharsets.ISO_8859_1))) {
        checkForm(new String(once, StandardCharsets.ISO_8859_1), policy);
      }
    }
    String text = new String(target, StandardCharsets.UTF_8);
    if (!text.equals("*")) {
      byte[] result = canonical(text.getBytes(StandardCharsets.UTF_8), policy);
      assertEquals(
          ObviousPath.of(text, policy),
          result == null ? "!" : new String(result, StandardCharsets.UTF_8));
    }
  }

  private static void checkForm(String target, PathPolicy policy) {
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    assertTrue(path.matches("/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*"), path);
    assertTrue(!path.matches("(.*/)?\\.\\.?(/.*)?"), path);
    assertTrue(policy.slashes() == Slashes.KEEP || !path.contains("//"), path);
    assertTrue(policy.parameters() == Parameters.KEEP || !path.contains(";"), path);
    assertTrue(policy.encodedSlash() == EncodedSlash.KEEP || !path.contains("%2F"), path);
    assertTrue(policy.backslash() == Backslash.KEEP || !path.contains("%5C"), path);
    assertTrue(policy.controls() == Controls.KEEP || !path.matches(".*%(7F|[01]).*"), path);
  }

  /// @return null where it is refused
  private static byte[] canonical(byte[] target, PathPolicy policy) {
    byte[] padded = new byte[target.length + 2];
    Arrays.fill(padded, (byte) '/');
    System.arraycopy(target, 0, padded, 1, target.length);
    return switch (CanonicalPath.of(padded, 1, padded.length - 1, policy)) {
      case CanonicalPath.Unchanged _ -> target;
      case CanonicalPath.Changed changed -> {
        int end = CanonicalPath.pathEnd(changed.target(), 0, changed.target().length);
        assertEquals(end, changed.pathEnd());
        yield changed.target();
      }
      case CanonicalPath.Refused(String reason) -> {
        assertTrue(!reason.isEmpty());
        yield null;
      }
    };
  }

  private static PathPolicy policy(int choice) {
    return new PathPolicy(
        choice % 2 == 0 ? Dots.RESOLVE : Dots.REFUSE,
        Slashes.values()[choice / 2 % 3],
        EncodedSlash.values()[choice / 6 % 3],
        Backslash.values()[choice / 18 % 3],
        choice / 54 % 2 == 0 ? Controls.KEEP : Controls.REFUSE,
        Parameters.values()[choice % 3]);
  }
}
