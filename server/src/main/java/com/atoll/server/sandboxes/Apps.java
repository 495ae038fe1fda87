package com.atoll.server.sandboxes;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Has the app of a template started in those sandboxes that are to begin with it. */
final class Apps {
  /** The others cost a start nothing. */
  private final Set<String> starting = ConcurrentHashMap.newKeySet();

  private volatile Consumer<Sandbox> starter = sandbox -> {};

  /** Who starts an app, unless the machine has started it already. */
  void starter(Consumer<Sandbox> named) {
    starter = named;
  }

  void add(String sandboxId) {
    starting.add(sandboxId);
  }

  void remove(String sandboxId) {
    starting.remove(sandboxId);
  }

  boolean has(String sandboxId) {
    return starting.contains(sandboxId);
  }

  /** The machine of a sandbox has started or goes on. */
  void started(Sandbox sandbox) {
    if (starting.contains(sandbox.id())) {
      Thread.ofVirtual().name("app-" + sandbox.id()).start(() -> starter.accept(sandbox));
    }
  }
}
