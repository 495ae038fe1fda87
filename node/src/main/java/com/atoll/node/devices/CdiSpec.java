package com.atoll.node.devices;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A specification of the Container Device Interface, as {@code nvidia-ctk cdi generate} writes one
 * (github.com/cncf-tags/container-device-interface, SPEC.md).
 *
 * @param kind what it describes: {@code nvidia.com/gpu}
 * @param edits what a container gets with any of its devices
 * @param devices what it gets with each of them, by the name that follows the kind
 */
record CdiSpec(String kind, ContainerEdits edits, Map<String, ContainerEdits> devices) {
  private static final long LARGEST = 4 << 20;
  private static final int CHARACTER_DEVICE = 0x2000;
  private static final int FILE_TYPE = 0xF000;
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final ObjectMapper YAML = YAMLMapper.builder().build();
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*");

  /** Hooks of other stages run as the host's root, beside files that a tenant may have written. */
  private static final Set<String> STAGES = Set.of("createContainer", "startContainer");

  /**
   * Reads a file.
   *
   * @throws IOException with a sentence for the owner, when it is no specification that can be
   *     followed to the letter
   */
  static CdiSpec read(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new IOException("it is larger than 4 MiB");
    }
    ObjectMapper format = file.toString().endsWith(".json") ? JSON : YAML;
    try {
      return of(format.readTree(Files.readAllBytes(file)));
    } catch (JacksonException e) {
      throw new IOException(e.getOriginalMessage(), e);
    }
  }

  private static CdiSpec of(JsonNode spec) throws IOException {
    Map<String, ContainerEdits> devices = new LinkedHashMap<>();
    for (JsonNode device : spec.path("devices")) {
      String name = text(device, "name");
      if (!NAME.matcher(name).matches()) {
        throw new IOException("a device is called " + name);
      }
      devices.put(name, edits(device.path("containerEdits")));
    }
    return new CdiSpec(text(spec, "kind"), edits(spec.path("containerEdits")), devices);
  }

  private static ContainerEdits edits(JsonNode edits) throws IOException {
    List<DeviceNode> nodes = new ArrayList<>();
    for (JsonNode node : edits.path("deviceNodes")) {
      nodes.add(node(node));
    }
    List<ContainerEdits.Mount> mounts = new ArrayList<>();
    for (JsonNode mount : edits.path("mounts")) {
      List<String> options = texts(mount.path("options"));
      mounts.add(
          new ContainerEdits.Mount(
              path(mount, "hostPath"),
              path(mount, "containerPath"),
              options.isEmpty() ? List.of("rbind", "nosuid", "nodev") : options));
    }
    Map<String, String> variables = new TreeMap<>();
    for (String variable : texts(edits.path("env"))) {
      if (!VARIABLE.matcher(variable).matches()) {
        throw new IOException("env has " + variable);
      }
      int equals = variable.indexOf('=');
      variables.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    List<ContainerEdits.Hook> hooks = new ArrayList<>();
    for (JsonNode hook : edits.path("hooks")) {
      hooks.add(hook(hook));
    }
    return new ContainerEdits(nodes, mounts, variables, hooks);
  }

  private static ContainerEdits.Hook hook(JsonNode hook) throws IOException {
    String stage = text(hook, "hookName");
    if (!STAGES.contains(stage)) {
      throw new IOException("hooks of " + stage + " are not run, only those of " + STAGES);
    }
    return new ContainerEdits.Hook(
        stage,
        path(hook, "path"),
        texts(hook.path("args")),
        texts(hook.path("env")),
        hook.path("timeout").asInt(0));
  }

  /** A device node; numbers that are not written are those of the node on the host. */
  private static DeviceNode node(JsonNode node) throws IOException {
    String path = path(node, "path");
    String type = node.path("type").asString("c");
    if (!type.equals("c") && !type.equals("u")) {
      throw new IOException(path + " is no character device");
    }
    int major = node.path("major").asInt(0);
    int minor = node.path("minor").asInt(0);
    if (major == 0) {
      Path host = Path.of(node.hasNonNull("hostPath") ? path(node, "hostPath") : path);
      if (!Files.exists(host)) {
        throw new IOException("there is no " + host);
      }
      if (((int) Files.getAttribute(host, "unix:mode") & FILE_TYPE) != CHARACTER_DEVICE) {
        throw new IOException(host + " is no character device");
      }
      long number = ((Number) Files.getAttribute(host, "unix:rdev")).longValue();
      major = (int) ((number >>> 8) & 0xfff);
      minor = (int) ((number & 0xff) | ((number >>> 12) & 0xfff00));
    }
    return new DeviceNode(path, major, minor, node.path("permissions").asString("rw"));
  }

  private static String path(JsonNode of, String field) throws IOException {
    String path = text(of, field);
    if (!path.startsWith("/") || !Path.of(path).normalize().toString().equals(path)) {
      throw new IOException(field + " is no absolute plain path: " + path);
    }
    return path;
  }

  private static String text(JsonNode of, String field) throws IOException {
    String text = of.path(field).asString("");
    if (text.isEmpty()) {
      throw new IOException(field + " is missing");
    }
    return text;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asString()));
    return texts;
  }
}
