package com.atoll.node.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The images of this machine: one per template in {@code $DIST/templates}, and those that were
 * built in sandboxes. Templates of Debian packages alone are built in the background when missing,
 * kept in {@code $HOME/images/<digest>.erofs} and mounted once at {@code $RUN/images/<digest>};
 * every other image is a frozen tree over one of these.
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

  /** Where an image lies; {@link ImageException} UNKNOWN when it is gone. */
  StoredImage stored(String digest);

  /** A new file that a packed image is to arrive in; given up at the next start. */
  Path arriving(String digest) throws IOException;

  /** Keeps a packed image that has arrived whole in its file. */
  void adopt(String digest, Path arrived) throws IOException;

  /** Who builds an image in a sandbox, asked when one is wanted that is not there. */
  interface Builder {
    /** Begins, unless it has; returns at once. */
    void build(Derived template);
  }

  /**
   * A template that is made from another image.
   *
   * @param id of the template
   * @param recipe how it is made
   * @param files copied over the base before the first step, or a folder that does not exist
   * @param digest that the image will have
   */
  record Derived(String id, Recipe recipe, Path files, String digest) {}

  /** Names who builds what is wanted. */
  void builtBy(Builder builder);

  /** Tells how far the build of a template is. */
  void progress(String templateId, String what);

  /** Tells that the build of a template failed; the next who asks has it tried again. */
  void failed(String templateId, String reason);

  /** An image that was made in a sandbox, while it is known and its files are there. */
  Optional<BuiltImage> made(String digest);

  /** Makes an image known by its digest only, for as long as this process lives. */
  Image offer(BuiltImage image);

  /** Takes an offer back. */
  void withdraw(String digest);

  /** Keeps an image and makes it the one of its name; with "~" in it, it is a base only. */
  Image activate(BuiltImage image);

  /** Makes a kept image the one of its name again, after a start; whether it was there. */
  boolean restore(String name, String digest);

  /** Gives the image of a name up; it goes once nothing stands on it. */
  void drop(String name);

  /** Deletes the images that were given up and that nothing in {@code used} stands on. */
  void sweep(Set<String> used);

  /** Trees that belong to images. */
  Set<String> trees();

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
