package com.atoll.server.templates;

import com.atoll.model.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a template is made, every default filled in.
 *
 * @param from the image below: a template or a reference of an OCI registry
 * @param size the named size of the shape, or null
 * @param shape what a step may use, and what sandboxes of it have by default
 * @param packages Debian packages that are installed first
 * @param steps what is done, one after the other
 * @param env variables of the steps and of every process
 * @param workdir where steps and the app run
 * @param user who runs them
 * @param startCmd the app, or null
 * @param readyCmd succeeds once the app is ready, or null
 * @param previewPort where the app listens, or null
 * @param artifactPaths what the app makes
 */
record BuildSpec(
    String from,
    @Nullable String size,
    Shape shape,
    List<String> packages,
    List<BuildStep> steps,
    Map<String, String> env,
    String workdir,
    String user,
    @Nullable String startCmd,
    @Nullable String readyCmd,
    @Nullable Integer previewPort,
    List<String> artifactPaths) {

  /** As it is shown, and as it is accepted again. */
  Map<String, Object> wire() {
    Map<String, Object> wire = new LinkedHashMap<>();
    wire.put("from", from);
    if (size != null) {
      wire.put("size", size);
    }
    wire.put("vcpu", shape.cpus());
    wire.put("memoryMib", shape.memoryMb());
    wire.put("diskMib", shape.diskMb());
    wire.put("packages", packages);
    wire.put("steps", steps.stream().map(BuildStep::wire).toList());
    wire.put("env", env);
    wire.put("workdir", workdir);
    wire.put("user", user);
    wire.put("startCmd", startCmd);
    wire.put("readyCmd", readyCmd);
    wire.put("previewPort", previewPort);
    wire.put("artifactPaths", artifactPaths);
    return wire;
  }
}
