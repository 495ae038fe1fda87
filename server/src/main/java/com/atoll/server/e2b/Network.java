package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The network of a sandbox: what SDKs say of it becomes an egress policy of that sandbox. */
final class Network {
  private static final String EVERYTHING = "0.0.0.0/0";
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+(/[0-9]+)?|.*:.*|.*/.*");
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
   * @param closed whether nothing may but the hosts
   * @param hosts names that may be reached in any case
   */
  record Wish(boolean closed, Set<String> hosts) {
    boolean isNone() {
      return !closed && hosts.isEmpty();
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
    Set<String> hosts = new LinkedHashSet<>();
    for (var field : network.properties()) {
      JsonNode value = field.getValue();
      boolean empty = value.isNull() || (value.isContainer() && value.isEmpty());
      switch (field.getKey()) {
        case "allowOut" -> value.forEach(host -> hosts.add(host(host.asString(""))));
        case "denyOut" -> {
          for (JsonNode range : value) {
            if (!range.asString("").equals(EVERYTHING)) {
              throw missing("denyOut of anything but " + EVERYTHING);
            }
            closed = true;
          }
        }
        default -> {
          if (!empty && !known.contains(field.getKey())) {
            throw missing("network." + field.getKey());
          }
        }
      }
    }
    return new Wish(closed, hosts);
  }

  private static String host(String text) {
    if (ADDRESS.matcher(text).matches()) {
      throw missing("allowOut of addresses");
    }
    return text;
  }

  private static AtollException missing(String what) {
    return AtollException.of(ErrorCode.NOT_IMPLEMENTED, what);
  }

  /** What holds for a sandbox by its own policy. */
  Wish of(Call call, String sandbox) {
    Set<String> hosts = new LinkedHashSet<>();
    for (JsonNode rule : rules(call, sandbox)) {
      if (rule.path("effect").asString("").equals("allow")) {
        hosts.add(rule.path("host").asString(""));
      }
    }
    for (JsonNode policy : backend.get(call, "/egress/policies" + OF + sandbox).path("policies")) {
      if (policy.path("resource_type").asString("").equals("sandbox")) {
        boolean enforced = policy.path("mode").asString("").equals("enforce");
        boolean denies = policy.path("default_effect").asString("").equals("deny");
        return new Wish(enforced && denies, hosts);
      }
    }
    return new Wish(false, hosts);
  }

  private JsonNode rules(Call call, String sandbox) {
    return backend.get(call, "/egress/allowlist" + OF + sandbox).path("rules");
  }

  /** Makes this what holds for the sandbox, instead of what did. */
  void apply(Call call, String sandbox, Wish wish) {
    ObjectNode mode = resource(sandbox).put("mode", "enforce");
    backend.patch(
        call, "/egress/policies", mode.put("default_effect", wish.closed() ? "deny" : "allow"));
    Set<String> left = new LinkedHashSet<>(wish.hosts());
    List<String> old =
        rules(call, sandbox)
            .valueStream()
            .filter(rule -> !left.remove(rule.path("host").asString("")))
            .map(rule -> rule.path("id").asString(""))
            .toList();
    for (String host : left) {
      backend.post(
          call, "/egress/allowlist", resource(sandbox).put("host", host).put("effect", "allow"));
    }
    old.forEach(rule -> backend.delete(call, "/egress/allowlist/" + rule));
  }

  /** What is in force, as the SDKs read it. */
  static ObjectNode shown(Wish wish) {
    ObjectNode network = Backend.object();
    ArrayNode hosts = network.putArray("allowOut");
    wish.hosts().forEach(hosts::add);
    ArrayNode denied = network.putArray("denyOut");
    if (wish.closed()) {
      denied.add(EVERYTHING);
    }
    return network;
  }

  private static ObjectNode resource(String sandbox) {
    return Backend.object().put("resource_type", "sandbox").put("resource_id", sandbox);
  }
}
