package com.atoll.node.images;

import java.util.Map;

/**
 * An image that was made in a sandbox, as it lies on disk.
 *
 * @param name the template, or the build of one, that it belongs to
 * @param digest names it for whatever stands on it: 32 hexadecimal digits
 * @param base digest of the image below, or "" when it stands alone
 * @param tree the frozen tree that holds it, or "" when nothing was added to the base
 * @param inner directory of the tree that is a whole root file system, or "" when the tree is a
 *     layer
 * @param env variables that it adds to those of the base
 * @param sizeBytes that it added
 * @param previewPort the port of a preview that names none, or 0
 * @param droppedMs when it was given up, or 0; it stays while something stands on it
 */
public record BuiltImage(
    String name,
    String digest,
    String base,
    String tree,
    String inner,
    Map<String, String> env,
    long sizeBytes,
    int previewPort,
    long droppedMs) {
  /** Stands between the name that an image had on another node and its digest here. */
  public static final String ELSEWHERE = "~from~";

  /** Copies the variables. */
  public BuiltImage {
    env = Map.copyOf(env);
  }

  /** The same, not given up, or no longer. */
  BuiltImage wanted() {
    return droppedMs == 0 ? this : dropped(0);
  }

  BuiltImage dropped(long nowMs) {
    return new BuiltImage(name, digest, base, tree, inner, env, sizeBytes, previewPort, nowMs);
  }
}
