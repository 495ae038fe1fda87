package com.atoll.edge.routes;

import com.atoll.edge.hosts.Hosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Routes as JSON. Reading refuses what no well-behaved server sends. */
final class RouteJson {
  static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Predicate<String> ID =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}").asMatchPredicate();
  private static final Predicate<String> ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}").asMatchPredicate();
  private static final int MOST_PORTS = 4096;

  private RouteJson() {}

  static Route read(JsonNode node) {
    String key = node.path("key").asString("");
    if (key.isEmpty() || key.length() > 256) {
      throw new IllegalArgumentException("a route without a proper key");
    }
    String kind = node.path("kind").asString("");
    return switch (kind) {
      case "sandbox" -> sandbox(key, node);
      case "static" ->
          new Route.StaticSite(
              key,
              hosts(node),
              id(node, "deployment_id"),
              id(node, "export_id"),
              node.path("entrypoint").asString("index.html"),
              node.path("version_id").asString(""));
      case "instances" ->
          new Route.Instances(
              key,
              hosts(node),
              id(node, "deployment_id"),
              node.path("version_id").asString(""),
              instances(node));
      case "egress" ->
          new Route.Egress(
              key,
              id(node, "sandbox_id"),
              address(node.path("address").asString("")),
              node.path("incarnation").asLong(0),
              node.path("policy_id").asString(""),
              node.path("enforce").asBoolean(true),
              node.path("default_allow").asBoolean(false),
              rules(node),
              secrets(node));
      case "domain" -> new Route.Domain(key, id(node, "org"), host(node.path("domain")));
      case "stopped" -> new Route.Stopped(key, hosts(node), id(node, "deployment_id"));
      default -> throw new IllegalArgumentException("unknown kind of route: " + kind);
    };
  }

  private static Route sandbox(String key, JsonNode node) {
    String slug = node.path("slug").asString("");
    if (!Hosts.isSlug(slug)) {
      throw new IllegalArgumentException("not a slug: " + slug);
    }
    Route.State state =
        switch (node.path("state").asString("")) {
          case "running" -> Route.State.RUNNING;
          case "paused" -> Route.State.PAUSED;
          case "destroyed" -> Route.State.DESTROYED;
          default -> throw new IllegalArgumentException("unknown state of " + key);
        };
    String address = node.path("address").asString("");
    if (!address.isEmpty()) {
      address(address);
    } else if (state == Route.State.RUNNING) {
      // The server knows it runs but not where yet: asking for it, as for a sleeper, tells.
      state = Route.State.PAUSED;
    }
    return new Route.Sandbox(
        key,
        slug,
        id(node, "sandbox_id"),
        state,
        address,
        node.path("incarnation").asLong(0),
        ports(node.path("exposed")),
        node.path("declared_only").asBoolean(false),
        node.path("loopback").asBoolean(false),
        ports(node.path("private")),
        closing(node.path("closed")),
        node.path("created_unix_ms").asLong(0),
        node.path("org").asString(""));
  }

  private static List<Route.EgressRule> rules(JsonNode node) {
    List<Route.EgressRule> rules = new ArrayList<>();
    for (JsonNode one : node.path("rules")) {
      Set<String> methods = new LinkedHashSet<>();
      one.path("methods").forEach(method -> methods.add(method.asString("")));
      Set<Integer> ports = new LinkedHashSet<>();
      one.path("ports").forEach(each -> ports.add(port(each.asInt(0))));
      rules.add(
          new Route.EgressRule(
              id(one, "id"),
              one.path("allow").asBoolean(false),
              one.path("host").asString(""),
              Set.copyOf(methods),
              one.path("path").asString(""),
              Set.copyOf(ports)));
    }
    return List.copyOf(rules);
  }

  private static List<Route.EgressSecret> secrets(JsonNode node) {
    List<Route.EgressSecret> secrets = new ArrayList<>();
    for (JsonNode one : node.path("secrets")) {
      List<String> hosts = new ArrayList<>();
      one.path("hosts").forEach(host -> hosts.add(host.asString("")));
      secrets.add(
          new Route.EgressSecret(id(one, "id"), one.path("version").asLong(0), List.copyOf(hosts)));
    }
    return List.copyOf(secrets);
  }

  private static List<Route.Instance> instances(JsonNode node) {
    List<Route.Instance> instances = new ArrayList<>();
    for (JsonNode one : node.path("instances")) {
      instances.add(
          new Route.Instance(
              id(one, "id"),
              address(one.path("address").asString("")),
              port(one.path("port").asInt(0)),
              one.path("incarnation").asLong(0),
              one.path("loopback_only").asBoolean(false)));
    }
    return List.copyOf(instances);
  }

  private static List<String> hosts(JsonNode node) {
    List<String> hosts = new ArrayList<>();
    for (JsonNode host : node.path("hosts")) {
      hosts.add(host(host));
    }
    return List.copyOf(hosts);
  }

  private static String host(JsonNode host) {
    String normalized = Hosts.normalize(host.asString(""));
    if (normalized == null) {
      throw new IllegalArgumentException("not a host: " + host);
    }
    return normalized;
  }

  private static Set<Integer> ports(JsonNode node) {
    if (node.size() > MOST_PORTS) {
      throw new IllegalArgumentException("too many ports");
    }
    Set<Integer> ports = new LinkedHashSet<>();
    for (JsonNode port : node) {
      ports.add(port(port.asInt(0)));
    }
    return Set.copyOf(ports);
  }

  private static Map<Integer, Route.Closing> closing(JsonNode node) {
    if (node.size() > MOST_PORTS) {
      throw new IllegalArgumentException("too many ports");
    }
    Map<Integer, Route.Closing> closing = new HashMap<>();
    for (JsonNode one : node) {
      closing.put(
          port(one.path("port").asInt(0)),
          new Route.Closing(
              one.path("at_unix_ms").asLong(0), one.path("expired").asBoolean(false)));
    }
    return Map.copyOf(closing);
  }

  private static int port(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
    return port;
  }

  static String address(String address) {
    if (!ADDRESS.test(address)) {
      throw new IllegalArgumentException("not an IPv4 address: " + address);
    }
    return address;
  }

  private static String id(JsonNode node, String field) {
    String id = node.path(field).asString("");
    if (!ID.test(id)) {
      throw new IllegalArgumentException("not an id: " + field + " " + id);
    }
    return id;
  }

  static ObjectNode write(Route route) {
    ObjectNode node = JSON.createObjectNode();
    node.put("key", route.key());
    switch (route) {
      case Route.Sandbox sandbox -> {
        node.put("kind", "sandbox");
        node.put("slug", sandbox.slug());
        node.put("sandbox_id", sandbox.sandboxId());
        node.put(
            "state",
            switch (sandbox.state()) {
              case RUNNING -> "running";
              case PAUSED -> "paused";
              case DESTROYED -> "destroyed";
            });
        node.put("address", sandbox.address());
        node.put("incarnation", sandbox.incarnation());
        sandbox.exposed().forEach(node.putArray("exposed")::add);
        node.put("declared_only", sandbox.declaredOnly());
        node.put("loopback", sandbox.loopback());
        sandbox.privatePorts().forEach(node.putArray("private")::add);
        ArrayNode closed = node.putArray("closed");
        sandbox
            .closing()
            .forEach((port, end) ->
                closed
                    .addObject()
                    .put("port", port)
                    .put("at_unix_ms", end.atUnixMs())
                    .put("expired", end.expired()));
        node.put("created_unix_ms", sandbox.createdUnixMs());
        node.put("org", sandbox.org());
      }
      case Route.StaticSite site -> {
        site(node, "static", site);
        node.put("export_id", site.exportId());
        node.put("entrypoint", site.entrypoint());
        node.put("version_id", site.versionId());
      }
      case Route.Instances site -> {
        site(node, "instances", site);
        node.put("version_id", site.versionId());
        ArrayNode instances = node.putArray("instances");
        for (Route.Instance instance : site.instances()) {
          instances
              .addObject()
              .put("id", instance.id())
              .put("address", instance.address())
              .put("port", instance.port())
              .put("incarnation", instance.incarnation())
              .put("loopback_only", instance.loopbackOnly());
        }
      }
      case Route.Egress egress -> {
        node.put("kind", "egress");
        node.put("sandbox_id", egress.sandboxId());
        node.put("address", egress.address());
        node.put("incarnation", egress.incarnation());
        node.put("policy_id", egress.policyId());
        node.put("enforce", egress.enforce());
        node.put("default_allow", egress.defaultAllow());
        ArrayNode rules = node.putArray("rules");
        for (Route.EgressRule rule : egress.rules()) {
          ObjectNode one =
              rules
                  .addObject()
                  .put("id", rule.id())
                  .put("allow", rule.allow())
                  .put("host", rule.host())
                  .put("path", rule.path());
          rule.methods().forEach(one.putArray("methods")::add);
          ArrayNode ports = one.putArray("ports");
          rule.ports().forEach(each -> ports.add(each.intValue()));
        }
        ArrayNode secrets = node.putArray("secrets");
        for (Route.EgressSecret secret : egress.secrets()) {
          ObjectNode one =
              secrets.addObject().put("id", secret.id()).put("version", secret.version());
          secret.hosts().forEach(one.putArray("hosts")::add);
        }
      }
      case Route.Domain own -> {
        node.put("kind", "domain");
        node.put("org", own.org());
        node.put("domain", own.domain());
      }
      case Route.Stopped site -> site(node, "stopped", site);
    }
    return node;
  }

  private static void site(ObjectNode node, String kind, Route.Site site) {
    node.put("kind", kind);
    site.hosts().forEach(node.putArray("hosts")::add);
    node.put("deployment_id", site.deploymentId());
  }
}
