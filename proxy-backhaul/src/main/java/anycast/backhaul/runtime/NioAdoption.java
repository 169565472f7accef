package anycast.backhaul.runtime;

import java.io.FileDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;

/// A channel of the JDK around a descriptor. The JDK has no way to it but its own constructors: its
/// inherited channel is descriptor 0 alone, and closing that one takes standard output with it.
final class NioAdoption {
  static final String FLAGS =
      "--add-opens java.base/sun.nio.ch=ALL-UNNAMED --add-opens java.base/java.io=ALL-UNNAMED";

  private NioAdoption() {}

  /// @throws IllegalStateException with a sentence where the JVM was not started for it
  static ServerSocketChannel of(int fd) {
    try {
      Constructor<FileDescriptor> descriptor =
          FileDescriptor.class.getDeclaredConstructor(int.class);
      descriptor.setAccessible(true);
      Constructor<?> channel =
          Class.forName("sun.nio.ch.ServerSocketChannelImpl")
              .getDeclaredConstructor(
                  SelectorProvider.class,
                  ProtocolFamily.class,
                  FileDescriptor.class,
                  boolean.class);
      channel.setAccessible(true);
      return (ServerSocketChannel)
          channel.newInstance(
              SelectorProvider.provider(),
              StandardProtocolFamily.INET6,
              descriptor.newInstance(fd),
              true);
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      throw new IllegalStateException(
          "transport nio takes inherited sockets only with " + FLAGS + "; epoll needs no flags", e);
    }
  }
}
