package anycast.backhaul.h1;

import io.netty.buffer.ByteBuf;

/// The line before a chunk: hex size, extensions, CR LF (RFC 9112 §7.1).
///
/// ```
///   DIGITS ─┬─ CR ► LF ► done
///           └─ ; ► NAME_START ► NAME ─┬─ = ► VALUE_START ─┬► TOKEN ──────┐
///                    ▲                │                   └► QUOTED ⇄ ESCAPE
///                    └────── ; ───────┴───────────────────────┘
/// ```
///
/// Extensions are checked and dropped: a reader that skips to "the end of the line" and one that
/// looks for LF find two ends in the same bytes.
///
/// **Threading.** One owner.
final class ChunkLine {
  /// How far it got.
  enum Progress {
    MORE,
    DONE,
    BAD
  }

  private enum State {
    DIGITS,
    BEFORE_EXTENSION,
    NAME_START,
    NAME,
    AFTER_NAME,
    VALUE_START,
    TOKEN,
    QUOTED,
    ESCAPE,
    AFTER_VALUE,
    LF
  }

  private static final int MAX_SIGNIFICANT_DIGITS = 8;
  private static final int MAX_DIGITS = 16;
  private static final int MAX_EXTENSION_BYTES = 16 << 10;

  private State state = State.DIGITS;
  private long size;
  private int digits;
  private int extensionBytes;

  void beginBody() {
    beginLine();
    extensionBytes = 0;
  }

  long size() {
    return size;
  }

  Progress read(ByteBuf in) {
    if (state == State.DIGITS && digits == 0) {
      size = 0;
    }
    while (in.isReadable()) {
      byte b = in.readByte();
      if (state == State.LF) {
        if (b != '\n') {
          return Progress.BAD;
        }
        beginLine();
        return Progress.DONE;
      }
      State next = state == State.DIGITS ? onDigit(b) : onExtension(b);
      if (next == null) {
        return Progress.BAD;
      }
      state = next;
    }
    return Progress.MORE;
  }

  private void beginLine() {
    state = State.DIGITS;
    digits = 0;
  }

  private State onDigit(byte b) {
    int value = Grammar.hexValue(b);
    if (value >= 0) {
      digits++;
      size = size << 4 | value;
      return digits > MAX_DIGITS || size >>> 4 * MAX_SIGNIFICANT_DIGITS != 0 ? null : state;
    }
    return digits == 0 ? null : onBetween(b, State.BEFORE_EXTENSION);
  }

  /// @return null where the byte may not stand
  private State onExtension(byte b) {
    if (++extensionBytes > MAX_EXTENSION_BYTES) {
      return null;
    }
    return switch (state) {
      case BEFORE_EXTENSION -> b == ';' || Grammar.blank(b) ? onBetween(b, state) : null;
      case NAME_START -> Grammar.blank(b) ? state : Grammar.token(b) ? State.NAME : null;
      case NAME -> Grammar.token(b) ? state : onNameEnd(b);
      case AFTER_NAME -> onNameEnd(b);
      case VALUE_START -> onValueStart(b);
      case TOKEN -> Grammar.token(b) ? state : onBetween(b, State.AFTER_VALUE);
      case QUOTED -> onQuoted(b);
      case ESCAPE -> Grammar.value(b) ? State.QUOTED : null;
      case AFTER_VALUE -> onBetween(b, state);
      case DIGITS, LF -> null;
    };
  }

  private static State onNameEnd(byte b) {
    return b == '=' ? State.VALUE_START : onBetween(b, State.AFTER_NAME);
  }

  private static State onValueStart(byte b) {
    if (b == '"') {
      return State.QUOTED;
    }
    return Grammar.blank(b) ? State.VALUE_START : Grammar.token(b) ? State.TOKEN : null;
  }

  private static State onQuoted(byte b) {
    if (b == '"') {
      return State.AFTER_VALUE;
    }
    if (b == '\\') {
      return State.ESCAPE;
    }
    return Grammar.value(b) ? State.QUOTED : null;
  }

  /// A place where the line may end, another extension begin, or blanks come before one. Blanks
  /// before the end itself are not in the grammar: [State#BEFORE_EXTENSION] refuses them for the
  /// size, where readers are known to differ.
  private static State onBetween(byte b, State onBlank) {
    if (b == '\r') {
      return State.LF;
    }
    if (b == ';') {
      return State.NAME_START;
    }
    return Grammar.blank(b) ? onBlank : null;
  }
}
