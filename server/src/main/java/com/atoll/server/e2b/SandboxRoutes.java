package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.LifeWish;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Find, prolong, pause, wake and kill sandboxes. */
final class SandboxRoutes {
  private static final LifeWish USUAL = new LifeWish(300);
  private static final int USUAL_PAGE = 100;

  private final Backend backend;
  private final Shown shown;
  private final Home home;
  private final Network network;
  private final Mounts mounts;

  SandboxRoutes(Backend backend, Shown shown, Home home, Network network, Mounts mounts) {
    this.mounts = mounts;
    this.network = network;
    this.backend = backend;
    this.shown = shown;
    this.home = home;
  }

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String version : List.of("", "/v2")) {
      String base = "/e2b" + version + "/sandboxes";
      String tag = version.isEmpty() ? "v1" : "v2";
      all.add(
          Declared.json(Operation.get(base), tag + ".list", "Lists sandboxes.", 200, this::list));
      all.add(
          Declared.json(
              Operation.post(base + "/:id/connect"),
              tag + ".connect",
              "Wakes a sandbox, or prolongs it.",
              200,
              this::connect));
    }
    String one = "/e2b/sandboxes/:id";
    all.add(Declared.json(Operation.get(one), "get", "Shows a sandbox.", 200, this::get));
    all.add(Declared.empty(Operation.delete(one), "kill", "Destroys a sandbox.", this::kill));
    all.add(
        Declared.empty(
            Operation.post(one + "/timeout"),
            "timeout",
            "Gives a sandbox so many seconds from now.",
            this::setTimeout));
    all.add(
        Declared.empty(
            Operation.post(one + "/refreshes"),
            "refresh",
            "Prolongs a sandbox; never shortens it.",
            call -> extend(call, id(call), lasting(call, "duration"))));
    all.add(Declared.empty(Operation.post(one + "/pause"), "pause", "Pauses.", this::pause));
    all.add(
        Declared.json(
            Operation.post(one + "/resume"), "resume", "Wakes a sandbox.", 201, this::resume));
    return all;
  }

  private JsonNode get(Call call) {
    JsonNode sandbox = living(backend, call);
    Principal principal = call.principal();
    boolean tell = Shown.isRestricted(sandbox) && principal.allows("egress:read");
    ObjectNode detail =
        shown.detail(sandbox, tell ? network.of(call, Shown.id(sandbox)) : null, principal);
    mounts.add(principal, List.of(sandbox), List.of(detail));
    return detail;
  }

  private void kill(Call call) {
    backend.delete(call, "/sandboxes/" + Shown.id(living(backend, call)));
  }

  private JsonNode list(Call call) {
    StringBuilder target = new StringBuilder("/sandboxes?limit=");
    target.append(call.queryInt("limit", 1, 1000).orElse(USUAL_PAGE));
    List<String> states = call.queries("state");
    add(target, "state", states.isEmpty() ? "running,paused" : String.join(",", states));
    add(target, "metadata", metadata(call.query("metadata")));
    add(target, "started_after", call.query("startedAfter"));
    add(target, "order", call.query("order"));
    add(target, "cursor", call.query("nextToken"));
    String template = call.query("template");
    add(target, "template_id", template == null ? null : Names.template(template));
    JsonNode page = backend.get(call, target.toString());
    String next = page.path("meta").path("next_cursor").asString("");
    if (!next.isEmpty()) {
      call.setHeader("X-Next-Token", next);
    }
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    List<JsonNode> sandboxes = page.path("data").valueStream().toList();
    List<ObjectNode> listed = sandboxes.stream().map(shown::listed).toList();
    mounts.add(call.principal(), sandboxes, listed);
    answer.addAll(listed);
    return answer;
  }

  private static void add(StringBuilder target, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      target
          .append('&')
          .append(name)
          .append('=')
          .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }

  /** Theirs is a query string in a query parameter, encoded once more. */
  private static @Nullable String metadata(@Nullable String pairs) {
    if (pairs == null || pairs.isEmpty()) {
      return null;
    }
    ObjectNode object = Backend.object();
    for (String pair : pairs.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw AtollException.of(ErrorCode.INVALID_PARAM, "metadata");
      }
      object.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
    }
    return object.toString();
  }

  private static String decoded(String text) {
    try {
      String once = URLDecoder.decode(text, StandardCharsets.UTF_8);
      // What was encoded twice has no plus left that means a space.
      return URLDecoder.decode(once.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "metadata");
    }
  }

  private JsonNode connect(Call call) {
    JsonNode sandbox = living(backend, call);
    String id = Shown.id(sandbox);
    ObjectNode wish = lasting(call, "timeout");
    if (Shown.runs(sandbox)) {
      extend(call, id, wish);
    } else {
      call.setStatus(201);
      wake(call, id, wish);
    }
    return shown.access(sandbox, call.principal());
  }

  private JsonNode resume(Call call) {
    JsonNode sandbox = living(backend, call);
    if (Shown.runs(sandbox)) {
      throw AtollException.of(ErrorCode.CONFLICT, "the sandbox runs already");
    }
    wake(call, Shown.id(sandbox), lasting(call, "timeout"));
    return shown.access(sandbox, call.principal());
  }

  private void wake(Call call, String id, ObjectNode wish) {
    if (!call.json().path("memory").asBoolean(true)) {
      backend.post(call, "/sandboxes/" + id + "/stop", Backend.object());
    }
    backend.post(call, "/sandboxes/" + id + "/resume", wish, USUAL);
    home.prepare(id);
  }

  private void pause(Call call) {
    JsonNode sandbox = living(backend, call);
    String id = Shown.id(sandbox);
    if (!Shown.runs(sandbox)) {
      throw AtollException.of(ErrorCode.CONFLICT, "the sandbox is paused already");
    }
    if (call.json().path("requireHealthyGuest").asBoolean(false)) {
      // Who answers this is the program in the sandbox.
      backend.get(call, "/sandboxes/" + id + "/processes");
    }
    boolean memory = call.json().path("memory").asBoolean(true);
    backend.post(call, "/sandboxes/" + id + (memory ? "/pause" : "/stop"), Backend.object());
  }

  private void setTimeout(Call call) {
    ObjectNode wish = lasting(call, "timeout").put("always_on", false);
    backend.patch(call, "/sandboxes/" + id(call), wish, USUAL);
  }

  private void extend(Call call, String id, ObjectNode wish) {
    backend.post(call, "/sandboxes/" + id + "/extend", wish, USUAL);
  }

  /** The lifetime that is asked for; nothing where none is, for which {@link #USUAL} stands. */
  private static ObjectNode lasting(Call call, String field) {
    int seconds = seconds(call.json(), field, 0);
    ObjectNode wish = Backend.object();
    return seconds == 0 ? wish : wish.put("timeout_sec", seconds);
  }

  private static String id(Call call) {
    return Names.sandbox(call.rawPath("id"));
  }

  /** The sandbox that the path names, when it is not destroyed. */
  static JsonNode living(Backend backend, Call call) {
    String id = id(call);
    JsonNode sandbox = backend.get(call, "/sandboxes/" + id);
    if (sandbox.path("state").asString("").equals("destroyed")) {
      throw AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, id);
    }
    return sandbox;
  }

  /** A lifetime in seconds. None at all is the shortest there is: 0 would mean for ever here. */
  static int seconds(JsonNode body, String field, int otherwise) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isNumber() || value.asDouble(-1) < 0 || value.asDouble(0) > Integer.MAX_VALUE) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_REQUEST, field + " must be a number of seconds, not negative.");
    }
    return Math.max(1, (int) Math.ceil(value.asDouble(1)));
  }
}
