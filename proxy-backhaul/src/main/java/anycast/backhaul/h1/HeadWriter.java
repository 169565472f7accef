package anycast.backhaul.h1;

import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;

public final class HeadWriter {
  private HeadWriter() {}

  /// Appends a request head in origin form and says how its body is to be framed.
  ///
  /// @param end no body follows
  public static Framing writeRequest(ByteBuf out, RequestHead head, boolean end) {
    throw new UnsupportedOperationException();
  }

  /// Appends a final head or 101, and says how its body is to be framed.
  public static Framing writeResponse(ByteBuf out, ResponseHead head, Recipient to, boolean end) {
    throw new UnsupportedOperationException();
  }

  /// Appends a 1xx head other than 101.
  public static void writeInformational(ByteBuf out, ResponseHead head) {
    throw new UnsupportedOperationException();
  }

  /// What the request said about its answer.
  ///
  /// @param headMethod it was a HEAD: no body, whatever the fields say
  /// @param http10 no chunks
  /// @param keepAlive the connection stays open after the response, if framing admits it
  public record Recipient(boolean headMethod, boolean http10, boolean keepAlive) {}
}
