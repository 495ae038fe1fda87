package com.atoll.node.workloads;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Those who are told what happens, in the order it happens to each workload. A listener must not
 * wait: it is called by the thread that made the change.
 *
 * @param <T> what they are told
 */
public final class Watchers<T> {
  private static final Logger LOG = Logger.getLogger(Watchers.class.getName());
  private final List<Consumer<T>> listeners = new CopyOnWriteArrayList<>();

  /** Adds a listener; closing the answer removes it. */
  public Subscription add(Consumer<T> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Tells everyone. */
  public void tell(T what) {
    for (Consumer<T> listener : listeners) {
      try {
        listener.accept(what);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "a listener failed", e);
      }
    }
  }

  /** The end of listening. */
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
