package com.atoll.node.images;

import java.nio.file.Path;
import java.util.Map;

/**
 * A root file system, ready to be a lower directory.
 *
 * @param templateId the template that it was built from
 * @param digest of everything that went into it
 * @param root where it is mounted, read-only, in the node's mount namespace; ids are 0..65535
 * @param sizeBytes of the packed file
 * @param previewPort the port of a preview that names none
 * @param env variables of every process inside, from the image's {@code /etc/atoll/env}
 */
public record Image(
    String templateId,
    String digest,
    Path root,
    long sizeBytes,
    int previewPort,
    Map<String, String> env) {
  /** Copies the variables. */
  public Image {
    env = Map.copyOf(env);
  }
}
