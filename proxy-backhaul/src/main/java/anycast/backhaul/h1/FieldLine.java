package anycast.backhaul.h1;

/// One field line (RFC 9112 §5), taken apart in place.
///
/// **Threading.** One owner; the positions are those of the last line.
final class FieldLine {
  int nameStart;
  int nameLength;
  int valueStart;
  int valueLength;

  /// Takes the line apart and lowers the name's letters in the array.
  ///
  /// @return null, or what is wrong, without a byte of the line
  String parse(byte[] a, int start, int end) {
    if (Grammar.blank(a[start])) {
      return "folded or indented field line";
    }
    int colon = start;
    while (colon < end && Grammar.token(a[colon])) {
      byte b = a[colon];
      if (b >= 'A' && b <= 'Z') {
        a[colon] = (byte) (b + 32);
      }
      colon++;
    }
    if (colon == start || colon == end || a[colon] != ':') {
      return "field name is not a token followed by a colon";
    }
    int from = colon + 1;
    int to = end;
    while (from < to && Grammar.blank(a[from])) {
      from++;
    }
    while (from < to && Grammar.blank(a[to - 1])) {
      to--;
    }
    if (!Grammar.values(a, from, to)) {
      return "control byte in a field value";
    }
    nameStart = start;
    nameLength = colon - start;
    valueStart = from;
    valueLength = to - from;
    return null;
  }
}
