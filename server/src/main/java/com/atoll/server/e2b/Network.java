package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The network of a sandbox: what SDKs say of it becomes an egress policy of that sandbox. */
final class Network {
  private static final String EVERYTHING = "0.0.0.0/0";
  private static final String OF = "?resource_type=sandbox&resource_id=";

  private final Backend backend;

  Network(Backend backend) {
    this.backend = backend;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Declared.empty(
            Operation.put("/e2b/sandboxes/:id/network"),
            "network",
            "Replaces what a sandbox may reach.",
            this::update));
  }

  private void update(Call call) {
    Wish wish = ofUpdate(call.json());
    JsonNode sandbox = SandboxRoutes.living(backend, call);
    String id = Shown.id(sandbox);
    ObjectNode change = Backend.object();
    change.set("metadata", Shown.restricted(sandbox.path("metadata")));
    backend.patch(call, "/sandboxes/" + id, change);
    apply(call, id, wish);
  }

  /**
   * What may be reached.
   *
   * @param closed whether nothing may but what is allowed
   * @param allowed names, addresses and ranges that may be reached in any case
   * @param denied those that may not, unless they are allowed
   */
  record Wish(boolean closed, Set<String> allowed, Set<String> denied) {
    static final Wish NONE = new Wish(false, Set.of(), Set.of());

    boolean isNone() {
      return !closed && allowed.isEmpty() && denied.isEmpty();
    }
  }

  /** What a create asks for, or an error that says what is not done here. */
  static Wish ofCreate(JsonNode asked) {
    JsonNode network = asked.path("network");
    if (!network.path("allowPublicTraffic").asBoolean(true)) {
      throw missing("allowPublicTraffic=false");
    }
    return of(network, asked.path("allow_internet_access"), Set.of("allowPublicTraffic"));
  }

  /** What an update asks for, which replaces what was there. */
  static Wish ofUpdate(JsonNode asked) {
    return of(asked, asked.path("allow_internet_access"), Set.of("allow_internet_access"));
  }

  private static Wish of(JsonNode network, JsonNode internet, Set<String> known) {
    boolean closed = !internet.asBoolean(true);
    Set<String> allowed = new LinkedHashSet<>();
    Set<String> denied = new LinkedHashSet<>();
    for (var field : network.properties()) {
      JsonNode value = field.getValue();
      boolean empty = value.isNull() || (value.isContainer() && value.isEmpty());
      switch (field.getKey()) {
        case "allowOut" -> value.forEach(host -> allowed.add(host(host.asString(""))));
        case "denyOut" -> {
          for (JsonNode range : value) {
            String host = host(range.asString(""));
            closed |= host.equals(EVERYTHING);
            denied.add(host);
          }
        }
        default -> {
          if (!empty && !known.contains(field.getKey())) {
            throw missing("network." + field.getKey());
          }
        }
      }
    }
    denied.remove(EVERYTHING);
    return new Wish(closed, allowed, denied);
  }

  /** As rules keep it and as it is shown again: one address without the length of its prefix. */
  private static String host(String text) {
    if (text.indexOf(':') >= 0) {
      throw missing("addresses of IPv6");
    }
    return text.endsWith("/32") ? text.substring(0, text.length() - 3) : text;
  }

  private static AtollException missing(String what) {
    return AtollException.of(ErrorCode.NOT_IMPLEMENTED, what);
  }

  /** What holds for a sandbox by its own policy. */
  Wish of(Call call, String sandbox) {
    Set<String> allowed = new LinkedHashSet<>();
    Set<String> denied = new LinkedHashSet<>();
    for (JsonNode rule : rules(call, sandbox)) {
      boolean allow = rule.path("effect").asString("").equals("allow");
      (allow ? allowed : denied).add(host(rule.path("host").asString("")));
    }
    for (JsonNode policy : backend.get(call, "/egress/policies" + OF + sandbox).path("policies")) {
      if (policy.path("resource_type").asString("").equals("sandbox")) {
        boolean enforced = policy.path("mode").asString("").equals("enforce");
        boolean denies = policy.path("default_effect").asString("").equals("deny");
        return new Wish(enforced && denies, allowed, denied);
      }
    }
    return new Wish(false, allowed, denied);
  }

  private JsonNode rules(Call call, String sandbox) {
    return backend.get(call, "/egress/allowlist" + OF + sandbox).path("rules");
  }

  /** Makes this what holds for the sandbox, instead of what did. */
  void apply(Call call, String sandbox, Wish wish) {
    ObjectNode mode = resource(sandbox).put("mode", "enforce");
    backend.patch(
        call, "/egress/policies", mode.put("default_effect", wish.closed() ? "deny" : "allow"));
    Set<String> allowed = new LinkedHashSet<>(wish.allowed());
    Set<String> denied = new LinkedHashSet<>(wish.denied());
    List<String> old =
        rules(call, sandbox)
            .valueStream()
            .filter(rule ->
                !(rule.path("effect").asString("").equals("allow") ? allowed : denied)
                    .remove(host(rule.path("host").asString(""))))
            .map(rule -> rule.path("id").asString(""))
            .toList();
    allowed.forEach(host -> rule(call, sandbox, host, "allow", 0));
    denied.forEach(host -> rule(call, sandbox, host, "deny", 1));
    old.forEach(rule -> backend.delete(call, "/egress/allowlist/" + rule));
  }

  /** What is allowed is asked first: theirs lets it win over what is denied. */
  private void rule(Call call, String sandbox, String host, String effect, int position) {
    ObjectNode rule = resource(sandbox).put("host", host).put("effect", effect);
    backend.post(call, "/egress/allowlist", rule.put("position", position));
  }

  /** What is in force, as the SDKs read it. */
  static ObjectNode shown(Wish wish) {
    ObjectNode network = Backend.object();
    ArrayNode hosts = network.putArray("allowOut");
    wish.allowed().forEach(hosts::add);
    ArrayNode denied = network.putArray("denyOut");
    if (wish.closed()) {
      denied.add(EVERYTHING);
    }
    wish.denied().forEach(denied::add);
    return network;
  }

  private static ObjectNode resource(String sandbox) {
    return Backend.object().put("resource_type", "sandbox").put("resource_id", sandbox);
  }
}
