package anycast.demo;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/// What a [DemoApp] does with one request after its head.
///
/// **Threading.** Called on the connection's event loop only. **Ownership.** `onBody` borrows its
/// buffer.
interface Answer {
  /// Some of the request's body.
  void onBody(ByteBuf body);

  /// The request is whole.
  void onEnd(HttpHeaders trailers);

  /// The connection takes more bytes again.
  void onWritable();

  /// The connection is gone: nothing more can be sent.
  void onGone();
}
