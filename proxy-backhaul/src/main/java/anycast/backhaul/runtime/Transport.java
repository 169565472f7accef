package anycast.backhaul.runtime;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

/// How event loops talk to the kernel.
public enum Transport {
  /// The best that runs here: epoll, else nio. Not io_uring: it saves CPU but answers a lone
  /// request later, so it is a choice to make, not one to fall into.
  AUTO,
  EPOLL,
  IO_URING,
  /// Pure Java; needs no native library.
  NIO;

  /// What this choice means on this machine; never [#AUTO].
  ///
  /// **Faults.** `IllegalStateException` with the kernel's or loader's reason where a transport
  /// that was asked for by name is not available.
  Transport resolved() {
    return switch (this) {
      case AUTO -> Epoll.isAvailable() ? EPOLL : NIO;
      case EPOLL -> available(Epoll.isAvailable(), Epoll.unavailabilityCause());
      case IO_URING -> available(IoUring.isAvailable(), IoUring.unavailabilityCause());
      case NIO -> this;
    };
  }

  private Transport available(boolean available, Throwable cause) {
    if (!available) {
      throw new IllegalStateException(
          "transport " + name().toLowerCase(java.util.Locale.ROOT) + " does not run here: " + cause,
          cause);
    }
    return this;
  }

  IoHandlerFactory ioHandlers() {
    return switch (resolved()) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case NIO, AUTO -> NioIoHandler.newFactory();
    };
  }

  ChannelFactory<ServerChannel> serverChannel() {
    return switch (resolved()) {
      case EPOLL -> EpollServerSocketChannel::new;
      case IO_URING -> IoUringServerSocketChannel::new;
      case NIO, AUTO -> NioServerSocketChannel::new;
    };
  }

  /// A channel around a socket that listens already.
  ///
  /// **Faults.** The factory throws `IllegalStateException` with a sentence that says what to do
  /// where this transport cannot.
  ChannelFactory<ServerChannel> adopting(int fd) {
    return switch (resolved()) {
      case EPOLL -> () -> new EpollServerSocketChannel(fd);
      case IO_URING ->
          throw new IllegalStateException(
              "transport io_uring takes no inherited sockets: use epoll");
      case NIO, AUTO -> () -> new NioServerSocketChannel(NioAdoption.of(fd));
    };
  }

  ChannelFactory<Channel> clientChannel() {
    return switch (resolved()) {
      case EPOLL -> EpollSocketChannel::new;
      case IO_URING -> IoUringSocketChannel::new;
      case NIO, AUTO -> NioSocketChannel::new;
    };
  }
}
