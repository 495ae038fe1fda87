package com.atoll.server.templates;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A step of a build.
 *
 * @param run a shell line; empty when it copies files
 * @param name what its author calls it, or null
 * @param user who runs it; null for whom the specification names
 * @param workdir where; null for where the specification says
 * @param env variables besides those of the specification
 * @param fresh whether neither it nor what follows is taken from earlier builds
 * @param copy what it copies, or null
 */
record BuildStep(
    String run,
    @Nullable String name,
    @Nullable String user,
    @Nullable String workdir,
    Map<String, String> env,
    boolean fresh,
    @Nullable Copy copy) {

  /**
   * Files that are copied into the image.
   *
   * @param files the name that they were uploaded under
   * @param from what of them: a path or a pattern
   * @param to where; with "/" at its end a directory
   * @param owner user, or user:group; null for who runs the step
   * @param mode octal digits; null for what was uploaded
   */
  record Copy(String files, String from, String to, @Nullable String owner, @Nullable String mode) {
    private Map<String, Object> wire() {
      Map<String, Object> wire = new LinkedHashMap<>();
      wire.put("files", files);
      wire.put("from", from);
      wire.put("to", to);
      put(wire, "owner", owner);
      put(wire, "mode", mode);
      return wire;
    }
  }

  /** As it is shown, and as it is accepted again. */
  Map<String, Object> wire() {
    Map<String, Object> wire = new LinkedHashMap<>();
    if (copy == null) {
      wire.put("run", run);
    } else {
      wire.put("copy", copy.wire());
    }
    put(wire, "name", name);
    put(wire, "user", user);
    put(wire, "workdir", workdir);
    if (!env.isEmpty()) {
      wire.put("env", env);
    }
    if (fresh) {
      wire.put("fresh", true);
    }
    return wire;
  }

  private static void put(Map<String, Object> wire, String field, @Nullable String value) {
    if (value != null) {
      wire.put(field, value);
    }
  }
}
