package com.atoll.cli.console;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Hears the signals that would end this program. What does that in Java is in every JDK and meant
 * to stay (JEP 260), but cannot be named without a warning: so it is looked up. Where it is
 * missing, signals end the program as ever; those that the caller ignores stay ignored.
 */
public final class Interrupts implements AutoCloseable {
  private final Map<Object, Object> before = new LinkedHashMap<>();

  private Interrupts() {}

  /** From now on they go to the listener, as SIGINT, SIGTERM and SIGHUP, until this is closed. */
  public static Interrupts to(Consumer<String> listener) {
    Interrupts interrupts = new Interrupts();
    for (String name : new String[] {"INT", "TERM", "HUP"}) {
      interrupts.hear(name, listener);
    }
    return interrupts;
  }

  private void hear(String name, Consumer<String> listener) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      MethodHandle told =
          MethodHandles.publicLookup()
              .findVirtual(
                  Consumer.class, "accept", MethodType.methodType(void.class, Object.class))
              .bindTo(listener);
      MethodHandle heard =
          MethodHandles.dropArguments(
              MethodHandles.insertArguments(told, 0, "SIG" + name), 0, type);
      Object signal = type.getConstructor(String.class).newInstance(name);
      Object handler =
          MethodHandleProxies.asInterfaceInstance(Class.forName("sun.misc.SignalHandler"), heard);
      before.put(signal, handle(signal, handler));
    } catch (ReflectiveOperationException | IllegalArgumentException unknownHere) {
      return;
    }
  }

  private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
    Class<?> type = signal.getClass();
    return type.getMethod("handle", type, Class.forName("sun.misc.SignalHandler"))
        .invoke(null, signal, handler);
  }

  @Override
  public void close() {
    before.forEach((signal, handler) -> {
      try {
        handle(signal, handler);
      } catch (ReflectiveOperationException cannotBe) {
        throw new IllegalStateException(cannotBe);
      }
    });
  }
}
