package com.atoll.node.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;

/** Where archived snapshots lie. Names are {@code <folder>/<object>}. */
interface ArchiveStore {
  /** An object on its way: it has its name after {@link #commit}, and is gone without. */
  interface Upload extends Closeable {
    /** Takes its bytes. */
    OutputStream output();

    /** Gives it its name, in place of what had it; it is durable when this returns. */
    void commit() throws IOException;

    /** Gives up what was not committed. */
    @Override
    void close() throws IOException;
  }

  /** Begins an object. */
  Upload create(String name) throws IOException;

  /** The bytes of an object. */
  Optional<InputStream> open(String name) throws IOException;

  /** How many bytes an object has. */
  OptionalLong size(String name) throws IOException;

  /** Removes an object, if it is there. */
  void delete(String name) throws IOException;

  /** Gives up what uploads of earlier processes left below a folder. */
  void sweep(String folder) throws IOException;
}
