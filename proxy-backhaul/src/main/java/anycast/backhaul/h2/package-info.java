/// One small HTTP/2 engine for links and the public side: stream table, flow control, limits, error
/// scope, over netty-codec-http2's frame reader. Imports `head`, the table's `time` and Netty;
/// knows no exchange.
package anycast.backhaul.h2;
