package com.atoll.node.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A root file system, ready to lie below a tree.
 *
 * @param templateId the template that it was built from
 * @param digest of everything that went into it
 * @param root the lowest layer, a whole root file system, read-only; ids are 0..65535
 * @param layers what lies over the root, the topmost first
 * @param sizeBytes of root and layers
 * @param previewPort the port of a preview that names none
 * @param env variables of every process inside
 * @param nesting whether its machines run containers of their own: they get capabilities, mounts
 *     and a network of their own, and a weaker wall
 */
public record Image(
    String templateId,
    String digest,
    Path root,
    List<Path> layers,
    long sizeBytes,
    int previewPort,
    Map<String, String> env,
    boolean nesting) {
  /** As many layers as an image may have over its root. */
  public static final int MOST_LAYERS = 32;

  /** Copies layers and variables. */
  public Image {
    layers = List.copyOf(layers);
    env = Map.copyOf(env);
  }

  /** An image of one layer. */
  public Image(
      String templateId,
      String digest,
      Path root,
      long sizeBytes,
      int previewPort,
      Map<String, String> env) {
    this(templateId, digest, root, List.of(), sizeBytes, previewPort, env, false);
  }

  /** Every layer, the topmost first, the root last. */
  public List<Path> lowers() {
    List<Path> all = new ArrayList<>(layers);
    all.add(root);
    return all;
  }
}
