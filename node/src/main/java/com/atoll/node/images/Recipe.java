package com.atoll.node.images;

import java.util.List;
import java.util.Map;

/**
 * How an image is made from another one.
 *
 * @param from the image below: a template of this node, or a reference of an OCI registry
 * @param packages Debian packages that are installed first
 * @param steps what is done, one after the other
 * @param env variables of the steps and of every process of the image
 * @param workdir where steps and the app run; made when it is missing
 * @param user who runs steps and the app
 * @param startCommand the app, or ""
 * @param readyCommand succeeds once the app is ready, or ""
 * @param previewPort where the app listens, or 0
 */
public record Recipe(
    String from,
    List<String> packages,
    List<Action> steps,
    Map<String, String> env,
    String workdir,
    String user,
    String startCommand,
    String readyCommand,
    int previewPort) {
  /** Copies lists and variables. */
  public Recipe {
    packages = List.copyOf(packages);
    steps = List.copyOf(steps);
    env = Map.copyOf(env);
  }
}
