package anycast.routing.virtual;

import anycast.routing.virtual.CanonicalPath.Changed;
import anycast.routing.virtual.CanonicalPath.Refused;
import java.util.Arrays;

/// Writes the canonical form of one path, segment by segment. What is written already is canonical:
/// a `..` cuts it back to the slash before.
///
/// **Threading.** One thread, one path.
final class PathRewrite {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };

  private static final Refused ESCAPE = new Refused("the path has a % without two hex digits");
  private static final Refused RAW =
      new Refused("the path has a control character, a space or a #");
  private static final Refused NUL = new Refused("the path has an encoded NUL");
  private static final Refused CONTROL = new Refused("the path has an encoded control character");
  private static final Refused SLASH = new Refused("the path has an encoded slash");
  private static final Refused BACKSLASH = new Refused("the path has a backslash");
  private static final Refused PARAMETERS = new Refused("the path has a ;");
  private static final Refused DOTS = new Refused("the path has a . or .. segment");
  private static final Refused HIDDEN =
      new Refused("the path has a segment that some read as empty, . or ..");
  private static final Refused ABOVE = new Refused("the path leads above its root");
  private static final Refused EMPTY = new Refused("the path has an empty segment");

  private final byte[] in;
  private final int start;
  private final int pathEnd;
  private final PathPolicy policy;

  /// Canonical up to [#length]; the segment that is being written begins at [#segment].
  private final byte[] out;

  private int length;
  private int segment;

  /// Null while nothing is wrong.
  private Refused refused;

  /// @param in has a `/` at `start`
  PathRewrite(byte[] in, int start, int pathEnd, PathPolicy policy) {
    this.in = in;
    this.start = start;
    this.pathEnd = pathEnd;
    this.policy = policy;
    this.out = new byte[Math.multiplyExact(3, pathEnd - start)];
  }

  /// @param end where the query ends
  CanonicalPath result(int end) {
    out[length++] = '/';
    segment = length;
    int i = start + 1;
    while (i < pathEnd && refused == null) {
      i += in[i] == '%' ? escape(i) : raw(in[i] & 0xff);
    }
    if (refused == null) {
      endSegment(true);
    }
    if (refused != null) {
      return refused;
    }
    if (Arrays.equals(in, start, pathEnd, out, 0, length)) {
      return CanonicalPath.Unchanged.IT;
    }
    byte[] target = Arrays.copyOf(out, length + end - pathEnd);
    System.arraycopy(in, pathEnd, target, length, end - pathEnd);
    return new Changed(target, length);
  }

  /// @return bytes read
  private int raw(int octet) {
    if (octet == '/') {
      endSegment(false);
    } else if (octet == '\\') {
      backslash();
    } else if (octet == ';') {
      if (policy.parameters() == PathPolicy.Parameters.REFUSE) {
        refused = PARAMETERS;
      }
      out[length++] = ';';
    } else if (octet <= 0x20 || octet == 0x7f || octet == '#') {
      refused = RAW;
    } else if (PathScan.isPlain(octet)) {
      out[length++] = (byte) octet;
    } else {
      encoded(octet);
    }
    return 1;
  }

  /// @return bytes read
  private int escape(int i) {
    int octet = PathScan.octet(in, i, pathEnd);
    if (octet < 0) {
      refused = ESCAPE;
    } else if (octet == 0) {
      refused = NUL;
    } else if (octet < 0x20 || octet == 0x7f) {
      if (policy.controls() == PathPolicy.Controls.REFUSE) {
        refused = CONTROL;
      }
      encoded(octet);
    } else if (octet == '/') {
      encodedSlash();
    } else if (octet == '\\') {
      backslash();
    } else if (PathScan.isUnreserved(octet)) {
      out[length++] = (byte) octet;
    } else {
      encoded(octet);
    }
    return 3;
  }

  private void encodedSlash() {
    switch (policy.encodedSlash()) {
      case REFUSE -> refused = SLASH;
      case KEEP -> encoded('/');
      case DECODE -> endSegment(false);
    }
  }

  private void backslash() {
    switch (policy.backslash()) {
      case REFUSE -> refused = BACKSLASH;
      case KEEP -> encoded('\\');
      case SLASH -> endSegment(false);
    }
  }

  private void encoded(int octet) {
    out[length++] = '%';
    out[length++] = HEX[octet >> 4];
    out[length++] = HEX[octet & 15];
  }

  /// @param last whether the path ends here; else a slash follows
  private void endSegment(boolean last) {
    boolean hidden = hidesDots();
    if (policy.parameters() == PathPolicy.Parameters.DROP) {
      length = parametersAt(segment, length);
    } else if (parametersAt(segment, length) < length
        && isDotsOrEmpty(segment, parametersAt(segment, length))) {
      hidden = true;
    }
    if (hidden) {
      refused = HIDDEN;
    } else if (length == segment) {
      endEmpty(last);
    } else if (isDots(segment, length)) {
      endDots(length - segment);
    } else {
      if (!last) {
        out[length++] = '/';
      }
      segment = length;
    }
  }

  /// The slash before stands already; with `last` it is how the path ends.
  private void endEmpty(boolean last) {
    if (last) {
      return;
    }
    switch (policy.slashes()) {
      case MERGE -> {}
      case KEEP -> {
        out[length++] = '/';
        segment = length;
      }
      case REFUSE -> refused = EMPTY;
    }
  }

  /// The slash before stays, the slash after is not written.
  private void endDots(int dots) {
    length = segment;
    if (policy.dots() == PathPolicy.Dots.REFUSE) {
      refused = DOTS;
    } else if (dots == 2) {
      if (segment == 1) {
        refused = ABOVE;
        return;
      }
      int slash = segment - 2;
      while (out[slash] != '/') {
        slash--;
      }
      length = slash + 1;
      segment = length;
    }
  }

  /// Whether a kept `%2F` or `%5C` has `.` or `..` beside it: an app that decodes before it
  /// resolves would climb.
  private boolean hidesDots() {
    boolean parts = false;
    int part = segment;
    for (int i = segment; i < length; i++) {
      if (out[i] == '%' && isSeparator(out[i + 1], out[i + 2])) {
        if (isDots(part, parametersAt(part, i))) {
          return true;
        }
        parts = true;
        part = i + 3;
      }
    }
    return parts && isDots(part, parametersAt(part, length));
  }

  private static boolean isSeparator(byte high, byte low) {
    return high == '2' && low == 'F' || high == '5' && low == 'C';
  }

  /// Where a `;` is between `from` and `to`, or `to`.
  private int parametersAt(int from, int to) {
    int i = from;
    while (i < to && out[i] != ';') {
      i++;
    }
    return i;
  }

  private boolean isDotsOrEmpty(int from, int to) {
    return from == to || isDots(from, to);
  }

  private boolean isDots(int from, int to) {
    int dots = to - from;
    return (dots == 1 || dots == 2) && out[from] == '.' && out[to - 1] == '.';
  }
}
