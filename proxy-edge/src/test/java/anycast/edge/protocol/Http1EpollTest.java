package anycast.edge.protocol;

import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// The same on the transport that production runs: half-closes and resets come otherwise there.
@EnabledOnOs(OS.LINUX)
class Http1EpollTest extends Http1ConnectionTest {
  @Override
  Stage newStage() {
    return new Stage(EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
  }
}
