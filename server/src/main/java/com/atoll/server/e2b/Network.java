package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Gate;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.NetworkWish;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The network of a sandbox: what SDKs say of it becomes an egress policy of that sandbox. */
final class Network {
  private static final String EVERYTHING = "0.0.0.0/0";
  private static final String INTERNET = "allow_internet_access";
  private static final Set<String> LISTS = Set.of("allowOut", "denyOut");
  private static final String OF = "?resource_type=sandbox&resource_id=";

  private static final String SCOPE = "egress:write";

  private final Backend backend;
  private final Gate gate;

  Network(Backend backend, Gate gate) {
    this.backend = backend;
    this.gate = gate;
  }

  /**
   * Refuses a wish that a create takes along, of who may not change what a sandbox reaches: no
   * other operation asks about it.
   */
  void admit(Principal principal, Wish wish) {
    if (wish.isNone()) {
      return;
    }
    principal.requireScope(SCOPE);
    gate.require(principal, "egress.network_policy.set");
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

    /**
     * What a create is told, so that the sandbox has it from its first moment; null for nothing.
     */
    @Nullable NetworkWish given() {
      return isNone() ? null : stated();
    }

    NetworkWish stated() {
      return new NetworkWish(closed, List.copyOf(allowed), List.copyOf(denied));
    }
  }

  /** What a create asks for, or an error that says what is not done here. */
  static Wish ofCreate(JsonNode asked) {
    JsonNode network = Asked.object(asked, "network");
    if (!Asked.flag(network, "allowPublicTraffic", true)) {
      throw missing("allowPublicTraffic=false");
    }
    return of(network, asked, Set.of("allowPublicTraffic"));
  }

  /** What an update asks for, which replaces what was there. */
  static Wish ofUpdate(JsonNode asked) {
    return of(asked, asked, Set.of(INTERNET));
  }

  private static Wish of(JsonNode network, JsonNode asked, Set<String> known) {
    for (var field : network.properties()) {
      JsonNode value = field.getValue();
      boolean empty = value.isNull() || (value.isContainer() && value.isEmpty());
      if (!empty && !LISTS.contains(field.getKey()) && !known.contains(field.getKey())) {
        throw missing("network." + field.getKey());
      }
    }
    Set<String> allowed = hosts(network, "allowOut");
    Set<String> denied = hosts(network, "denyOut");
    boolean everything = denied.remove(EVERYTHING);
    return new Wish(everything || !Asked.flag(asked, INTERNET, true), allowed, denied);
  }

  private static Set<String> hosts(JsonNode network, String list) {
    Set<String> hosts = new LinkedHashSet<>();
    Asked.texts(network, list).forEach(host -> hosts.add(host(host)));
    return hosts;
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

  /** What holds for a sandbox by its own rules and by the policy that is in force for it. */
  Wish of(Call call, String sandbox) {
    Set<String> allowed = new LinkedHashSet<>();
    Set<String> denied = new LinkedHashSet<>();
    for (JsonNode rule : rules(call, sandbox)) {
      boolean allow = rule.path("effect").asString("").equals("allow");
      (allow ? allowed : denied).add(host(rule.path("host").asString("")));
    }
    JsonNode policy = backend.get(call, policyOf(sandbox));
    boolean denies = policy.path("default_effect").asString("").equals("deny");
    return new Wish(isEnforced(policy) && denies, allowed, denied);
  }

  private static boolean isEnforced(JsonNode policy) {
    return policy.path("mode").asString("").equals("enforce");
  }

  private static String policyOf(String sandbox) {
    return "/sandboxes/" + sandbox + "/network-policy";
  }

  private JsonNode rules(Call call, String sandbox) {
    return backend.get(call, "/egress/allowlist" + OF + sandbox).path("rules");
  }

  /**
   * Adds this to what a sandbox has from what it began with, as its create does; nothing is opened
   * by that. For one of an earlier create that was not finished.
   */
  void begin(Call call, String sandbox, Wish wish) {
    if (wish.closed()) {
      apply(call, sandbox, wish);
      return;
    }
    add(call, sandbox, wish, rules(call, sandbox).valueStream().toList());
    enforce(call, sandbox, backend.get(call, policyOf(sandbox)));
  }

  /** Makes this what holds for the sandbox by itself, instead of what did, or changes nothing. */
  void apply(Call call, String sandbox, Wish wish) {
    ObjectNode body = Backend.object();
    body.putArray("rules");
    backend.put(call, policyOf(sandbox), body, wish.stated());
  }

  /** What a wish denies is denied also where everything else is only written down. */
  private void enforce(Call call, String sandbox, JsonNode policy) {
    if (!isEnforced(policy)) {
      setDefault(call, sandbox, "allow");
    }
  }

  private void setDefault(Call call, String sandbox, String effect) {
    ObjectNode mode = resource(sandbox).put("mode", "enforce");
    backend.patch(call, "/egress/policies", mode.put("default_effect", effect));
  }

  /** Adds the rules that are not there. */
  private void add(Call call, String sandbox, Wish wish, List<JsonNode> there) {
    Set<String> allowed = new LinkedHashSet<>(wish.allowed());
    Set<String> denied = new LinkedHashSet<>(wish.denied());
    for (JsonNode rule : there) {
      boolean allow = rule.path("effect").asString("").equals("allow");
      (allow ? allowed : denied).remove(host(rule.path("host").asString("")));
    }
    allowed.forEach(host -> rule(call, sandbox, host, "allow", 0));
    denied.forEach(host -> rule(call, sandbox, host, "deny", 1));
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
