package anycast.edge.protocol;

import anycast.backhaul.h1.HeadWriter;
import anycast.backhaul.h1.RequestRead;
import io.netty.util.AsciiString;

/// What a connection remembers of the request that it works on.
///
/// **Threading.** One owner.
final class Http1Request {
  private static final AsciiString HEAD = AsciiString.cached("HEAD");

  final String id;
  final boolean headMethod;
  final boolean http10;
  final boolean keepAlive;
  final boolean upgrade;

  /// The client may hold its body back until it reads 100.
  private boolean awaitsContinue;

  /// All of it has been read.
  boolean ended;

  /// The response's head is out.
  boolean answered;

  /// 101 is out: bytes of the other protocol both ways.
  boolean switched;

  /// Bytes that upstream has not taken yet.
  int unconsumedBytes;

  Http1Request(String id, RequestRead.Complete read) {
    this.id = id;
    headMethod = read.head().method().contentEquals(HEAD);
    http10 = read.http10();
    keepAlive = read.keepAlive();
    upgrade = read.head().upgrade() != null;
    awaitsContinue = read.expectsContinue() && read.framing().hasBody();
    ended = !upgrade && !read.framing().hasBody();
  }

  boolean awaitsContinue() {
    return awaitsContinue;
  }

  /// 100 is out, or the client did not wait for it.
  void bodyComes() {
    awaitsContinue = false;
  }

  /// Whether what comes now belongs to this request.
  boolean wantsBytes() {
    return upgrade ? switched : !ended;
  }

  HeadWriter.Recipient recipient(boolean close) {
    return new HeadWriter.Recipient(headMethod, http10, !close);
  }
}
