package anycast.backhaul.posix;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/// Has something done on a signal, in place of what the JVM does: on SIGTERM that is to end, which
/// leaves no second SIGTERM to be heard.
///
/// The JDK's only way is `sun.misc.Signal` of module `jdk.unsupported`, which is reached by name,
/// as the compiler warns of it and warnings are errors here.
///
/// **Threading.** The JVM starts a thread for each signal.
public final class SignalWatch {
  private SignalWatch() {}

  /// From now on `action` is what a signal does.
  ///
  /// @throws UnsupportedOperationException where this JVM does not let go of the signal
  public static void on(Signal signal, Runnable action) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      InvocationHandler handler =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "on SIG" + signal.name();
              };
      type.getMethod("handle", type, handlerType)
          .invoke(
              null,
              type.getConstructor(String.class).newInstance(signal.name()),
              Proxy.newProxyInstance(
                  handlerType.getClassLoader(), new Class<?>[] {handlerType}, handler));
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException("SIG" + signal.name() + " cannot be handled", e);
    }
  }
}
