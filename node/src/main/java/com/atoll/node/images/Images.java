package com.atoll.node.images;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The images of this machine: one per template in {@code $DIST/templates}, built in the background
 * when missing, kept in {@code $HOME/images/<digest>.erofs} and mounted once at {@code
 * $RUN/images/<digest>}.
 */
public interface Images extends AutoCloseable {
  /**
   * The current image of a template. Never waits for a build. {@link ImageException} when not
   * ready.
   */
  Image get(String templateId);

  /**
   * The image that a tree was started from, also when its template has moved on since. {@link
   * ImageException} UNKNOWN when it is gone.
   */
  Image byDigest(String digest);

  /** Every template, by id. */
  List<ImageState> list();

  /** Calls the listener after each change of state, on a thread of the builder. */
  void listen(Consumer<ImageState> listener);

  /** Deletes every image that is neither current nor in {@code used}. */
  void retain(Set<String> used);

  /**
   * Stops a running build. Unmounts and detaches every image when {@code down}; no workload may be
   * running then.
   */
  void close(boolean down);

  /** As {@code close(false)}: the mounts stay for the next start. */
  @Override
  default void close() {
    close(false);
  }
}
