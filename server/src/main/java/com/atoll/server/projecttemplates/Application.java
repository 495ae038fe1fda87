package com.atoll.server.projecttemplates;

import com.atoll.server.http.Call;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Json;
import com.atoll.server.projects.EnvironmentRef;
import com.atoll.server.projecttemplates.Items.Kind;
import com.atoll.server.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the resources of a template, in the place of the caller: with the caller's rights, limits
 * and budgets. Each is made once; who tries again after a failure gets what is missing.
 */
final class Application {
  private final Store store;
  private final InnerCalls inner;
  private final Call call;
  private final Template template;
  private final EnvironmentRef in;
  private final Map<String, String> variables;
  private final List<Views.Change> changes;
  private final Map<String, String> ids = new LinkedHashMap<>();

  Application(
      Store store,
      InnerCalls inner,
      Call call,
      Template template,
      EnvironmentRef in,
      Map<String, String> variables,
      List<Views.Change> changes) {
    this.store = store;
    this.inner = inner;
    this.call = call;
    this.template = template;
    this.in = in;
    this.variables = variables;
    this.changes = new ArrayList<>(changes);
  }

  /**
   * Makes what is missing.
   *
   * @param deploy whether deployments are made and published
   */
  List<Views.Change> run(boolean deploy) {
    for (Template.Volume volume : template.volumes()) {
      ObjectNode wish = owned(volume.name());
      wish.put("size_gb", volume.sizeGb());
      make(Kind.VOLUME, volume.name(), "/volumes", wish, (id, key) -> {});
    }
    for (Template.Machine machine : template.sandboxes()) {
      sandbox(machine);
    }
    if (deploy) {
      template.deployments().forEach(this::deployment);
    }
    return changes;
  }

  private void sandbox(Template.Machine machine) {
    ObjectNode wish = owned(machine.name());
    wish.put("template_id", machine.templateId());
    wish.put("size", machine.size());
    ObjectNode env = wish.putObject("env");
    variables.forEach(env::put);
    var mounts = wish.putArray("volumes");
    machine
        .mounts()
        .forEach((path, volume) ->
            mounts
                .addObject()
                .put("volume_id", ids.get(key(Kind.VOLUME, volume)))
                .put("mount_path", path));
    make(
        Kind.SANDBOX,
        machine.name(),
        "/sandboxes",
        wish,
        (id, key) -> machine.files().forEach((path, content) -> file(id, path, content)));
  }

  private void file(String sandbox, String path, String content) {
    ObjectNode wish = Json.MAPPER.createObjectNode();
    wish.put("path", path);
    wish.put(
        "content_base64",
        Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8)));
    var _ = ask("POST", "/sandboxes/" + sandbox + "/fs/write", wish, null);
  }

  /** A deployment has its variables before its first version starts. */
  private void deployment(Template.Site site) {
    make(
        Kind.DEPLOYMENT,
        site.name(),
        "/deployments",
        owned(site.name()),
        (id, key) -> publish(site, "/deployments/" + id, key));
  }

  private void publish(Template.Site site, String at, String key) {
    if (!variables.isEmpty()) {
      ObjectNode set = Json.MAPPER.createObjectNode();
      set.put("environment", in.slug());
      ObjectNode env = set.putObject("env");
      variables.forEach(env::put);
      var _ = ask("POST", at + "/env", set, null);
    }
    ObjectNode publish = Json.MAPPER.createObjectNode();
    publish.put("source_sandbox_id", id(Kind.SANDBOX, site.sandbox()));
    publish.put("environment", in.slug());
    publish.put("kind", site.kind());
    put(publish, "output_path", site.outputPath());
    put(publish, "run_command", site.runCommand());
    put(publish, "health_check_path", site.healthCheckPath());
    if (site.port() != null) {
      publish.put("port", site.port());
    }
    var _ = ask("POST", at + "/publish", publish, key + "-publish");
  }

  private static void put(ObjectNode wish, String field, @Nullable String value) {
    if (value != null) {
      wish.put(field, value);
    }
  }

  private ObjectNode owned(String name) {
    ObjectNode wish = Json.MAPPER.createObjectNode();
    wish.put("name", name);
    wish.put("project_id", in.projectId());
    return wish;
  }

  /** What makes a resource complete; done again when it was cut off. */
  private interface Completion {
    void run(String id, String key);
  }

  /** Makes a resource, unless it is there already. */
  private void make(Kind kind, String name, String path, ObjectNode wish, Completion completion) {
    Items.Item item =
        store.transaction(call.principal(), tx -> Items.find(tx, in, template.slug(), kind, name));
    String known = item.id();
    String id = known == null ? made(path, wish, item.key(), completion) : known;
    ids.put(key(kind, name), id);
    changes.add(new Views.Change(kind.wire(), name, id, known == null ? "created" : "kept"));
  }

  private String made(String path, ObjectNode wish, String key, Completion completion) {
    JsonNode answer = ask("POST", path, wish, key);
    String flat = answer.path("id").asString("");
    String id = flat.isEmpty() ? answer.path("data").path("id").asString() : flat;
    completion.run(id, key);
    store.execute(call.principal(), tx -> Items.made(tx, key, id));
    return id;
  }

  private JsonNode ask(String method, String path, ObjectNode wish, @Nullable String key) {
    Map<String, String> headers = key == null ? Map.of() : Map.of("Idempotency-Key", key);
    InnerCalls.Reply reply = inner.send(call, method, path, wish, headers);
    if (!reply.ok()) {
      throw reply.refusal();
    }
    return reply.body();
  }

  private String id(Kind kind, String name) {
    return Objects.requireNonNull(ids.get(key(kind, name)));
  }

  private static String key(Kind kind, String name) {
    return kind.wire() + "/" + name;
  }
}
