package anycast.backhaul.h1;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import io.netty.buffer.ByteBuf;

/// Reads bodies by their framing, as slices of what came in.
///
/// ```
///            ┌────────────── CR LF ───────────────┐
///            ▼                                    │
///   begin ► SIZE ── size > 0, extensions ──► DATA ► DATA_END
///            └── size 0 ──► TRAILERS ── empty line ──► DONE
/// ```
///
/// **Threading.** One owner. **Limits.** A chunk has at most 8 significant hex digits, 4 GiB; all
/// chunk extensions of a body 16 KiB, since they are read and dropped for nothing; trailers 32 KiB
/// and 100 fields. **Faults.** Of the kind given; then nothing else ever.
public final class BodyDecoder {
  private static final BodyRead MORE = BodyRead.Incomplete.MORE;
  private static final BodyRead END = new BodyRead.End(null);
  private static final int MAX_TRAILER_BYTES = 32 << 10;

  private enum State {
    SIZED,
    UNTIL_CLOSE,
    CHUNK_SIZE,
    CHUNK_DATA,
    CHUNK_CR,
    CHUNK_LF,
    TRAILERS,
    DONE,
    REFUSED
  }

  private final FaultKind kind;
  private final ChunkLine chunkLine = new ChunkLine();
  private final FieldLine line = new FieldLine();
  private LineReader trailerLines;
  private Fields trailers;
  private int trailerCount;
  private State state = State.DONE;
  private long remaining;
  private Fault fault;

  /// @param kind of the faults: `BAD_REQUEST` or `APP_PROTOCOL`
  public BodyDecoder(FaultKind kind) {
    this.kind = kind;
  }

  /// Makes ready for a body; call for each.
  public void begin(Framing framing) {
    remaining = framing.length();
    state =
        switch (framing.kind()) {
          case NONE -> State.DONE;
          case LENGTH -> State.SIZED;
          case CHUNKED -> State.CHUNK_SIZE;
          case UNTIL_CLOSE -> State.UNTIL_CLOSE;
        };
    chunkLine.beginBody();
    trailers = null;
    trailerCount = 0;
  }

  /// Bytes still to come that are known of: all of a sized body, the current chunk else.
  public long remainingBytes() {
    return remaining;
  }

  /// Next thing in `in`. Call until it says `Incomplete`, `End`, `Refused`, or a part with `end`.
  ///
  /// @param maxBytes most bytes of a part, at least 1
  public BodyRead read(ByteBuf in, int maxBytes) {
    while (true) {
      switch (state) {
        case SIZED, UNTIL_CLOSE, CHUNK_DATA -> {
          return in.isReadable() ? part(in, maxBytes) : MORE;
        }
        case CHUNK_SIZE -> {
          switch (chunkLine.read(in)) {
            case MORE -> {
              return MORE;
            }
            case BAD -> refuse("chunk size or extension");
            case DONE -> onChunkSize(chunkLine.size());
          }
        }
        case CHUNK_CR -> {
          if (!in.isReadable()) {
            return MORE;
          }
          expect(in, '\r', State.CHUNK_LF);
        }
        case CHUNK_LF -> {
          if (!in.isReadable()) {
            return MORE;
          }
          expect(in, '\n', State.CHUNK_SIZE);
        }
        case TRAILERS -> {
          return trailers(in);
        }
        case DONE -> {
          return END;
        }
        case REFUSED -> {
          return new BodyRead.Refused(fault);
        }
      }
    }
  }

  private BodyRead part(ByteBuf in, int maxBytes) {
    int count = Math.min(in.readableBytes(), maxBytes);
    if (state != State.UNTIL_CLOSE) {
      count = (int) Math.min(count, remaining);
      remaining -= count;
    }
    boolean end = false;
    if (remaining == 0) {
      end = state == State.SIZED;
      state =
          switch (state) {
            case SIZED -> State.DONE;
            case CHUNK_DATA -> State.CHUNK_CR;
            case UNTIL_CLOSE, CHUNK_SIZE, CHUNK_CR, CHUNK_LF, TRAILERS, DONE, REFUSED -> state;
          };
    }
    return new BodyRead.Part(in.readRetainedSlice(count), end);
  }

  private void onChunkSize(long size) {
    remaining = size;
    if (size > 0) {
      state = State.CHUNK_DATA;
    } else {
      state = State.TRAILERS;
      if (trailerLines == null) {
        trailerLines = new LineReader(MAX_TRAILER_BYTES);
      }
    }
  }

  private void expect(ByteBuf in, char wanted, State next) {
    if (in.readByte() == wanted) {
      state = next;
    } else {
      refuse("chunk is not followed by CR LF");
    }
  }

  private BodyRead trailers(ByteBuf in) {
    while (true) {
      switch (trailerLines.next(in, MAX_TRAILER_BYTES)) {
        case MORE -> {
          return MORE;
        }
        case BARE_LF -> {
          return refuse("trailer line ends in a lone LF");
        }
        case LINE_TOO_LONG, ALL_TOO_LONG -> {
          return refuse("trailers larger than 32 KiB");
        }
        case LINE -> {
          if (trailerLines.lineStart() == trailerLines.lineEnd()) {
            trailerLines.end(in);
            state = State.DONE;
            return trailers == null ? END : new BodyRead.End(trailers);
          }
          String wrong = onTrailer();
          if (wrong != null) {
            return refuse(wrong);
          }
        }
      }
    }
  }

  private String onTrailer() {
    byte[] a = trailerLines.array();
    String wrong = line.parse(a, trailerLines.lineStart(), trailerLines.lineEnd());
    if (wrong != null) {
      return wrong;
    }
    if (++trailerCount > FieldSection.MAX_FIELDS) {
      return FieldSection.TOO_MANY;
    }
    if (TrailerRules.admits(a, line.nameStart, line.nameLength)) {
      if (trailers == null) {
        trailers = new Fields();
      }
      trailers.add(a, line.nameStart, line.nameLength, line.valueStart, line.valueLength);
    }
    return null;
  }

  private BodyRead refuse(String detail) {
    state = State.REFUSED;
    fault = Fault.of(kind, detail);
    return new BodyRead.Refused(fault);
  }
}
