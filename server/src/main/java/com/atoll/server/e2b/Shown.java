package com.atoll.server.e2b;

import com.atoll.model.Principal;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Sandboxes as the SDKs read them, made of our own answers. */
final class Shown {
  /** Where the metadata of a sandbox keeps what only this wire knows of it. */
  static final String OURS = "atoll_e2b";

  private static final String UNFINISHED = "unfinished";
  private static final Instant NEVER = Instant.parse("2099-12-31T23:59:59Z");
  private final AccessTokens tokens;

  Shown(AccessTokens tokens) {
    this.tokens = tokens;
  }

  /** The answer of create, connect and fork. */
  ObjectNode access(JsonNode sandbox, Principal principal) {
    ObjectNode shown = common(sandbox);
    shown.putNull("domain");
    if (AccessTokens.mayKnow(principal)) {
      shown.put("trafficAccessToken", tokens.traffic(id(sandbox)));
    } else {
      shown.putNull("trafficAccessToken");
    }
    return withToken(shown, sandbox, principal);
  }

  /** One of a list. */
  ObjectNode listed(JsonNode sandbox) {
    ObjectNode shown = common(sandbox);
    shown.put("startedAt", started(sandbox));
    shown.put("endAt", end(sandbox));
    shown.put("cpuCount", sandbox.path("cpu_count").asInt(0));
    shown.put("memoryMB", sandbox.path("memory_mb").asInt(0));
    shown.put("diskSizeMB", sandbox.path("disk_size_mb").asInt(0));
    shown.put("state", runs(sandbox) ? "running" : "paused");
    ObjectNode metadata = shown.putObject("metadata");
    for (var entry : sandbox.path("metadata").properties()) {
      if (!entry.getKey().equals(OURS)) {
        JsonNode value = entry.getValue();
        metadata.put(entry.getKey(), value.isString() ? value.asString() : value.toString());
      }
    }
    return shown;
  }

  /** One by itself; {@code network} is null when its network was never spoken of. */
  ObjectNode detail(JsonNode sandbox, Network.@Nullable Wish network, Principal principal) {
    ObjectNode shown = listed(sandbox);
    shown.putNull("domain");
    if (network == null) {
      shown.putNull("allowInternetAccess");
    } else {
      shown.put("allowInternetAccess", !network.closed());
      shown.set("network", Network.shown(network));
    }
    shown
        .putObject("lifecycle")
        .put("autoResume", autoResume(sandbox.path("metadata")))
        .put("onTimeout", sandbox.path("persistent").asBoolean(false) ? "pause" : "kill");
    return withToken(shown, sandbox, principal);
  }

  private ObjectNode withToken(ObjectNode shown, JsonNode sandbox, Principal principal) {
    if (AccessTokens.mayKnow(principal)) {
      shown.put("envdAccessToken", tokens.of(id(sandbox)));
    }
    return shown;
  }

  /** Whether traffic wakes it, from what its metadata says. */
  static boolean autoResume(JsonNode metadata) {
    return metadata.path(OURS).path("auto_resume").asBoolean(false);
  }

  /** Whether requests to its ports wake a sandbox with this metadata. */
  static boolean isWokenByTraffic(Map<String, Object> metadata) {
    return !isOfThisWire(metadata) || isToWake(metadata);
  }

  /** Whether this is the metadata of a sandbox that was made by this wire. */
  static boolean isOfThisWire(Map<String, Object> metadata) {
    return metadata.get(OURS) instanceof Map<?, ?>;
  }

  /** Whether this is the metadata of a sandbox of this wire that was to wake up by itself. */
  static boolean isToWake(Map<String, Object> metadata) {
    return metadata.get(OURS) instanceof Map<?, ?> known
        && Boolean.TRUE.equals(known.get("auto_resume"));
  }

  /** The metadata of a sandbox, with what only this wire knows of it. */
  static ObjectNode metadata(JsonNode asked, boolean autoResume, boolean restricted) {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    asked.properties().forEach(entry -> metadata.set(entry.getKey(), entry.getValue()));
    metadata.putObject(OURS).put("auto_resume", autoResume).put("network", restricted);
    return metadata;
  }

  /** Adds to metadata that its create has more to do, which a repeated request goes on with. */
  static void markUnfinished(ObjectNode metadata) {
    ((ObjectNode) metadata.path(OURS)).put(UNFINISHED, true);
  }

  static boolean isUnfinished(JsonNode sandbox) {
    return sandbox.path("metadata").path(OURS).path(UNFINISHED).asBoolean(false);
  }

  /** The same metadata of a sandbox whose network is restricted from now on. */
  static ObjectNode restricted(JsonNode metadata) {
    return metadata(metadata, autoResume(metadata), true);
  }

  /** Whether this wire has restricted the network of a sandbox. */
  static boolean isRestricted(JsonNode sandbox) {
    return sandbox.path("metadata").path(OURS).path("network").asBoolean(false);
  }

  static String id(JsonNode sandbox) {
    return sandbox.path("id").asString("");
  }

  static boolean runs(JsonNode sandbox) {
    String state = sandbox.path("state").asString("");
    return state.equals("running") || state.equals("creating");
  }

  private static ObjectNode common(JsonNode sandbox) {
    String template = sandbox.path("template_slug").asString("");
    return JsonNodeFactory.instance
        .objectNode()
        .put("sandboxID", Names.shown(id(sandbox)))
        .put("templateID", template)
        .put("alias", template)
        .put("clientID", "atoll")
        .put("envdVersion", Names.ENVD_VERSION);
  }

  private static String started(JsonNode sandbox) {
    JsonNode started = sandbox.path("started_at");
    return (started.isString() ? started : sandbox.path("created_at")).asString("");
  }

  private static String end(JsonNode sandbox) {
    JsonNode left = sandbox.path("timeout_remaining_ms");
    if (left.isNumber()) {
      return Instant.now().plusMillis(left.asLong(0)).toString();
    }
    JsonNode last = sandbox.path("last_activity_at");
    return runs(sandbox) || !last.isString() ? NEVER.toString() : last.asString("");
  }
}
