package anycast.backhaul.head;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Header or trailer fields as one flat, ordered list of byte strings.
///
/// All bytes lie in one array, four ints a field say where. Names are lower case: the readers see
/// to it. Removing leaves the bytes and closes the list; nothing is hashed, a search is a walk, as
/// heads have about twenty fields.
///
/// **Threading.** One owner at a time. **Ownership.** Handed on whole: who passes a list on does
/// not touch it again. **Limits.** The readers bound the bytes; this class does not.
public final class Fields {
  private static final int INTS = 4;

  /// What a cleared list may go on holding: four browser heads.
  private static final int KEPT_BYTES = 4096;

  private static final int KEPT_FIELDS = 128;

  private byte[] bytes;
  private int used;
  private int[] spans;
  private int count;

  public Fields() {
    this(512, 16);
  }

  /// @param byteCapacity bytes of names and values to hold without growing
  /// @param fieldCapacity fields to hold without growing
  public Fields(int byteCapacity, int fieldCapacity) {
    bytes = new byte[byteCapacity];
    spans = new int[fieldCapacity * INTS];
  }

  public int size() {
    return count;
  }

  /// Forgets all fields. Keeps the arrays unless one large head made them large.
  public void clear() {
    if (bytes.length > KEPT_BYTES || spans.length > KEPT_FIELDS * INTS) {
      bytes = new byte[KEPT_BYTES / 4];
      spans = new int[KEPT_FIELDS / 4 * INTS];
    }
    used = 0;
    count = 0;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /// The array that all positions point into; valid until the next add.
  public byte[] array() {
    return bytes;
  }

  public int nameStart(int i) {
    return spans[i * INTS];
  }

  public int nameLength(int i) {
    return spans[i * INTS + 1];
  }

  public int valueStart(int i) {
    return spans[i * INTS + 2];
  }

  public int valueLength(int i) {
    return spans[i * INTS + 3];
  }

  /// Name of field `i`, sharing the bytes.
  public AsciiString name(int i) {
    return new AsciiString(bytes, nameStart(i), nameLength(i), false);
  }

  /// Value of field `i`, sharing the bytes.
  public AsciiString value(int i) {
    return new AsciiString(bytes, valueStart(i), valueLength(i), false);
  }

  /// Value of field `i` as ISO 8859-1 text, one char a byte (RFC 9110 §5.5, obs-text).
  public String valueText(int i) {
    return new String(bytes, valueStart(i), valueLength(i), StandardCharsets.ISO_8859_1);
  }

  /// Whether field `i` has this name.
  public boolean nameIs(int i, AsciiString lowerCaseName) {
    return matches(nameStart(i), nameLength(i), lowerCaseName);
  }

  /// Whether the value of field `i` has exactly these bytes.
  public boolean valueIs(int i, AsciiString text) {
    return matches(valueStart(i), valueLength(i), text);
  }

  /// Index of the first field of this name at or after `from`, or -1.
  public int find(AsciiString lowerCaseName, int from) {
    for (int i = from; i < count; i++) {
      if (nameIs(i, lowerCaseName)) {
        return i;
      }
    }
    return -1;
  }

  public int find(AsciiString lowerCaseName) {
    return find(lowerCaseName, 0);
  }

  public boolean contains(AsciiString lowerCaseName) {
    return find(lowerCaseName, 0) >= 0;
  }

  /// First value of this name as text, or null.
  public String text(AsciiString lowerCaseName) {
    int i = find(lowerCaseName);
    return i < 0 ? null : valueText(i);
  }

  /// Appends a field; strings are taken as one byte a char.
  public void add(CharSequence lowerCaseName, CharSequence value) {
    int nameAt = append(lowerCaseName);
    int valueAt = append(value);
    addSpan(nameAt, lowerCaseName.length(), valueAt, value.length());
  }

  /// Appends a field whose bytes lie in `from`.
  public void add(byte[] from, int nameStart, int nameLength, int valueStart, int valueLength) {
    ensure(nameLength + valueLength);
    System.arraycopy(from, nameStart, bytes, used, nameLength);
    System.arraycopy(from, valueStart, bytes, used + nameLength, valueLength);
    addSpan(used, nameLength, used + nameLength, valueLength);
    used += nameLength + valueLength;
  }

  /// Removes field `i`; those behind it move up by one.
  public void remove(int i) {
    System.arraycopy(spans, (i + 1) * INTS, spans, i * INTS, (count - i - 1) * INTS);
    count--;
  }

  /// Removes all fields of this name and says how many there were.
  public int removeAll(AsciiString lowerCaseName) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (!nameIs(i, lowerCaseName)) {
        if (kept != i) {
          System.arraycopy(spans, i * INTS, spans, kept * INTS, INTS);
        }
        kept++;
      }
    }
    int removed = count - kept;
    count = kept;
    return removed;
  }

  /// Replaces all fields of this name by one at the end.
  public void set(AsciiString lowerCaseName, CharSequence value) {
    removeAll(lowerCaseName);
    add(lowerCaseName, value);
  }

  /// A copy that shares nothing.
  public Fields copy() {
    return copy(0, 0);
  }

  /// A copy that shares nothing.
  ///
  /// @param moreBytes room for this many bytes more
  /// @param moreFields room for this many fields more
  public Fields copy(int moreBytes, int moreFields) {
    Fields copy = new Fields(0, 0);
    copy.bytes = Arrays.copyOf(bytes, used + moreBytes);
    copy.used = used;
    copy.spans = Arrays.copyOf(spans, (count + moreFields) * INTS);
    copy.count = count;
    return copy;
  }

  private boolean matches(int start, int length, AsciiString text) {
    if (length != text.length()) {
      return false;
    }
    byte[] other = text.array();
    int at = text.arrayOffset();
    return Arrays.equals(bytes, start, start + length, other, at, at + length);
  }

  private int append(CharSequence text) {
    int length = text.length();
    ensure(length);
    int at = used;
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, at, length);
    } else {
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        bytes[at + i] = c < 256 ? (byte) c : (byte) '?';
      }
    }
    used += length;
    return at;
  }

  private void addSpan(int nameStart, int nameLength, int valueStart, int valueLength) {
    int at = count * INTS;
    if (at == spans.length) {
      spans = Arrays.copyOf(spans, Math.max(at * 2, 8 * INTS));
    }
    spans[at] = nameStart;
    spans[at + 1] = nameLength;
    spans[at + 2] = valueStart;
    spans[at + 3] = valueLength;
    count++;
  }

  private void ensure(int more) {
    if (used + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + more));
    }
  }

  /// Names and value lengths; values may be secret.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Fields[");
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ", ")
          .append(name(i))
          .append('(')
          .append(valueLength(i))
          .append(')');
    }
    return text.append(']').toString();
  }
}
