package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.SandboxId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Snapshots, which are templates to the SDKs. They keep memory where the isolation can. */
final class SnapshotRoutes {
  private static final int USUAL_PAGE = 100;
  private final Backend backend;

  SnapshotRoutes(Backend backend) {
    this.backend = backend;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Declared.json(
            Operation.post("/e2b/sandboxes/:id/snapshots"),
            "snapshots.take",
            "Keeps the files of a sandbox as they are.",
            201,
            this::take),
        Declared.json(
            Operation.get("/e2b/snapshots"), "snapshots.list", "Lists snapshots.", 200, this::list),
        Declared.empty(
            Operation.delete("/e2b/templates/:id"),
            "snapshots.delete",
            "Deletes a snapshot or a template.",
            this::delete));
  }

  private JsonNode take(Call call) {
    String id = Shown.id(SandboxRoutes.living(backend, call));
    boolean memory = call.json().path("memory").asBoolean(false);
    String name = call.json().path("name").asString("");
    if (name.isEmpty()) {
      ObjectNode wish = Backend.object();
      if (memory) {
        wish.put("memory", true);
      }
      return shown(backend.post(call, "/sandboxes/" + id + "/snapshots", wish));
    }
    if (memory) {
      throw AtollException.of(
          ErrorCode.NOT_IMPLEMENTED, "a named snapshot that has to hold memory");
    }
    ObjectNode body = Backend.object().put("name", name).put("sandbox_id", id);
    return shown(backend.post(call, "/named-snapshots", body).path("data").path("snapshot"), name);
  }

  private JsonNode list(Call call) {
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    String name = call.query("name");
    String sandbox = Objects.requireNonNullElse(call.query("sandboxID"), "");
    boolean ofOne = !sandbox.isEmpty();
    if (name != null && !name.isEmpty()) {
      JsonNode found = find(call, Names.untagged(name));
      if (isReady(found) && (!ofOne || isOf(call, found, sandbox))) {
        answer.add(shown(found));
      }
      return answer;
    }
    String from =
        ofOne ? "/sandboxes/" + Names.sandbox(sandbox) + "/snapshots" : "/admin/snapshots";
    String token = call.query("nextToken");
    int limit = call.queryInt("limit", 1, 1000).orElse(USUAL_PAGE);
    JsonNode page =
        backend.get(
            call, from + "?limit=" + limit + (token == null ? "" : "&cursor=" + encoded(token)));
    String next = page.path("meta").path("next_cursor").asString("");
    if (!next.isEmpty()) {
      call.setHeader("X-Next-Token", next);
    }
    for (JsonNode snapshot : page.path("data")) {
      if (isReady(snapshot)) {
        answer.add(shown(snapshot));
      }
    }
    return answer;
  }

  private static boolean isReady(JsonNode snapshot) {
    return snapshot.path("status").asString("").equals("ready");
  }

  /** The snapshot of this id or name; missing when there is none. */
  private JsonNode find(Call call, String name) {
    try {
      return Ids.is("snap", name)
          ? backend.get(call, "/snapshots/" + name).path("data")
          : named(call, name);
    } catch (AtollException missing) {
      if (missing.code() == ErrorCode.NOT_FOUND) {
        return MissingNode.getInstance();
      }
      throw missing;
    }
  }

  /** Whether it was taken of the sandbox that the call names, by its id or its slug. */
  private boolean isOf(Call call, JsonNode snapshot, String sandbox) {
    String named = Names.sandbox(sandbox);
    String id =
        Ids.is(SandboxId.PREFIX, named)
            ? named
            : Shown.id(backend.get(call, "/sandboxes/" + named));
    return snapshot.path("sandbox_id").asString("").equals(id);
  }

  private void delete(Call call) {
    String asked = call.rawPath("id");
    String name = Names.untagged(asked);
    String id = Ids.is("snap", name) ? name : find(call, name).path("id").asString("");
    if (id.isEmpty()) {
      // Theirs share their names with templates.
      backend.delete(call, "/sandbox-templates/" + encoded(Names.template(name)));
      return;
    }
    JsonNode dependents = backend.get(call, "/snapshots/" + id).path("dependents");
    for (JsonNode dependent : dependents) {
      if (dependent.path("type").asString("").equals("named_snapshot")) {
        backend.delete(call, "/named-snapshots/" + encoded(dependent.path("name").asString("")));
      }
    }
    try {
      backend.delete(call, "/snapshots/" + id);
    } catch (AtollException gone) {
      // A name that was given when the snapshot was taken has taken it along.
      if (gone.code() != ErrorCode.NOT_FOUND || dependents.isEmpty()) {
        throw gone;
      }
    }
  }

  private JsonNode named(Call call, String name) {
    return backend.get(call, "/named-snapshots/" + encoded(name)).path("data").path("snapshot");
  }

  private static JsonNode shown(JsonNode snapshot) {
    return shown(snapshot, snapshot.path("name").asString(""));
  }

  private static JsonNode shown(JsonNode snapshot, String name) {
    ObjectNode shown = Backend.object().put("snapshotID", snapshot.path("id").asString(""));
    ArrayNode names = shown.putArray("names");
    if (!name.isEmpty()) {
      names.add(name);
    }
    return shown;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
