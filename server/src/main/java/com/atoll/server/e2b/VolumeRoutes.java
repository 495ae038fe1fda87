package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Volumes: theirs have no size, a name of their own each, and many sandboxes write to one. */
final class VolumeRoutes {
  private static final int SIZE_GB = 10;
  private static final int PAGE = 1_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  private final Backend backend;

  VolumeRoutes(Backend backend) {
    this.backend = backend;
  }

  List<Operation<?, ?>> operations() {
    String one = "/e2b/volumes/:id";
    return List.of(
        Declared.json(
            Operation.get("/e2b/volumes"), "volumes.list", "Lists volumes.", 200, this::list),
        Declared.json(
            Operation.post("/e2b/volumes"),
            "volumes.create",
            "Creates a volume.",
            201,
            this::create),
        Declared.json(Operation.get(one), "volumes.get", "Shows a volume.", 200, this::get),
        Declared.empty(
            Operation.delete(one),
            "volumes.delete",
            "Deletes a volume.",
            call -> backend.delete(call, "/volumes/" + id(call))));
  }

  private JsonNode list(Call call) {
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    String cursor = "";
    do {
      JsonNode page = backend.get(call, "/volumes?limit=" + PAGE + cursor);
      page.path("data").forEach(volume -> answer.add(shown(volume)));
      String next = page.path("meta").path("next_cursor").asString("");
      cursor = next.isEmpty() ? "" : "&cursor=" + encoded(next);
    } while (!cursor.isEmpty());
    return answer;
  }

  private JsonNode create(Call call) {
    String name = call.json().path("name").asString("");
    if (!NAME.matcher(name).matches()) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_REQUEST, "name must have 1 to 128 of A-Z, a-z, 0-9, _ and -.");
    }
    ObjectNode body =
        Backend.object()
            .put("name", name)
            .put("size_gb", SIZE_GB)
            .put("access_mode", "many_writers")
            .put("unique_name", true);
    return withToken(backend.create(call, "/volumes", body).body());
  }

  private JsonNode get(Call call) {
    return withToken(backend.get(call, "/volumes/" + id(call)));
  }

  private static String id(Call call) {
    String id = call.rawPath("id");
    if (!Ids.is("vol", id)) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "volume");
    }
    return id;
  }

  /** The id of the volume that a mount means by its name, or by its id. */
  static String mounted(Backend backend, Call call, String name) {
    if (Ids.is("vol", name) || !NAME.matcher(name).matches()) {
      return name;
    }
    return find(backend, call, name)
        .orElseThrow(() ->
            AtollException.withMessage(
                ErrorCode.INVALID_REQUEST, "There is no volume called " + name + "."));
  }

  private static Optional<String> find(Backend backend, Call call, String name) {
    JsonNode found = backend.get(call, "/volumes?limit=2&name=" + encoded(name)).path("data");
    if (found.size() > 1) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_REQUEST, "Several volumes are called " + name + ": say its id.");
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(found.path(0).path("id").asString(""));
  }

  private static ObjectNode shown(JsonNode volume) {
    return Backend.object()
        .put("volumeID", volume.path("id").asString(""))
        .put("name", volume.path("name").asString(""));
  }

  /** Its files are reached through sandboxes alone: there is no token for them. */
  private static JsonNode withToken(JsonNode volume) {
    return shown(volume).put("token", "");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
