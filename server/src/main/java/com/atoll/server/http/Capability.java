package com.atoll.server.http;

import java.util.List;

/** A part of the control plane: the operations it answers and the work it does by itself. */
public interface Capability extends AutoCloseable {
  /** Its operations. */
  List<Operation<?, ?>> operations();

  /** Begins its background work. The database may not answer yet. */
  default void start() {}

  /** Ends its background work. */
  @Override
  default void close() {}
}
