package anycast.demo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.HttpConversionUtil;

/// The response half of one request: head, body, end, in that order.
final class Reply {
  private final Channel channel;
  private final AppName name;
  private final String streamId;
  private final boolean headOnly;
  private final boolean close;
  private final HttpHeaders more = new DefaultHttpHeaders();

  Reply(Channel channel, AppName name, HttpRequest request) {
    this.channel = channel;
    this.name = name;
    this.streamId = request.headers().get(HttpConversionUtil.ExtensionHeaderNames.STREAM_ID.text());
    this.headOnly = request.method().name().equals("HEAD");
    this.close = streamId == null && !HttpUtil.isKeepAlive(request);
  }

  Channel channel() {
    return channel;
  }

  AppName name() {
    return name;
  }

  /// One more field of the head.
  void field(String name, String value) {
    more.set(name, value);
  }

  /// `lengthBytes` below zero: the length is not told, HTTP/1.1 sends chunks.
  void head(int status, String contentType, long lengthBytes) {
    DefaultHttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    HttpHeaders fields = head.headers();
    fields.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    fields.set("x-instance", name.instance());
    fields.add(more);
    if (lengthBytes >= 0) {
      fields.set(HttpHeaderNames.CONTENT_LENGTH, lengthBytes);
    } else if (streamId == null) {
      fields.set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
    }
    if (close) {
      fields.set(HttpHeaderNames.CONNECTION, "close");
    }
    if (streamId != null) {
      fields.set(HttpConversionUtil.ExtensionHeaderNames.STREAM_ID.text(), streamId);
    }
    channel.write(head);
  }

  /// Takes ownership of `body`.
  void body(ByteBuf body) {
    if (headOnly) {
      body.release();
      return;
    }
    channel.writeAndFlush(new DefaultHttpContent(body));
  }

  void end(HttpHeaders trailers) {
    DefaultLastHttpContent last = new DefaultLastHttpContent();
    last.trailingHeaders().set(trailers);
    var sent = channel.writeAndFlush(last);
    if (close) {
      sent.addListener(ChannelFutureListener.CLOSE);
    }
  }

  void whole(int status, String contentType, byte[] body) {
    head(status, contentType, body.length);
    body(channel.alloc().buffer(Math.max(body.length, 1)).writeBytes(body));
    end(new DefaultHttpHeaders());
  }
}
