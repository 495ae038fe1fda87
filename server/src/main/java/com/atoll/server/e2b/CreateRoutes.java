package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.CreateWish;
import com.atoll.server.sandboxes.NetworkWish;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Create sandboxes: of a template, of a snapshot, of another sandbox. */
final class CreateRoutes {
  private static final String CREATES = "sandboxes:create";
  private static final int USUAL_SECONDS = 300;
  private static final int MOST_FORKS = 100;

  private final Backend backend;
  private final Shown shown;
  private final Home home;
  private final Network network;
  private final TemplateStart app;
  private final ForkedAtOnce forks;

  CreateRoutes(Backend backend, Shown shown, Home home, Network network, TemplateStart app) {
    this.app = app;
    forks = new ForkedAtOnce(backend, shown);
    this.network = network;
    this.backend = backend;
    this.shown = shown;
    this.home = home;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Declared.json(
            Operation.post("/e2b/sandboxes"), "v1.create", "Creates a sandbox.", 201, this::create),
        Declared.json(
            Operation.post("/e2b/v2/sandboxes"),
            "v2.create",
            "Creates a sandbox.",
            201,
            this::create),
        Declared.json(
            Operation.post("/e2b/sandboxes/:id/fork"),
            "fork",
            "Creates sandboxes that begin with the files of another.",
            201,
            this::fork));
  }

  private JsonNode create(Call call) {
    ObjectNode asked = call.json();
    refuseWhatThereIsNot(asked);
    Network.Wish wish = Network.ofCreate(asked);
    network.admit(call.principal(), wish);
    String template = asked.path("templateID").asString("");
    if (template.isEmpty()) {
      throw AtollException.withMessage(ErrorCode.INVALID_REQUEST, "templateID is required.");
    }
    boolean autoResume = Asked.flag(Asked.object(asked, "autoResume"), "enabled", false);
    ObjectNode body = lasting(asked).put("persistent", Asked.flag(asked, "autoPause", false));
    ObjectNode metadata = Asked.textsByName(asked, "metadata");
    List<ObjectNode> mounts = mounts(call, asked.path("volumeMounts"));
    ObjectNode marked = Shown.metadata(metadata, autoResume, !wish.isNone());
    boolean more = !wish.isNone() || !mounts.isEmpty();
    if (more && call.header("Idempotency-Key") != null) {
      Shown.markUnfinished(marked);
    }
    body.set("metadata", marked);
    ObjectNode env = Asked.textsByName(asked, "envVars");
    if (!env.isEmpty()) {
      body.set("env", env);
    }
    Backend.Created created = create(call, template, body, mounts, within(wish.given()));
    JsonNode sandbox = created.again() ? asItIs(call, created.body()) : created.body();
    if (!created.again() || Shown.isUnfinished(sandbox)) {
      // It has had its network since it began.
      Network.Wish missing = created.again() ? wish : Network.Wish.NONE;
      boolean inherits = wish.isNone() && isFork(sandbox);
      finish(
          call,
          sandbox,
          missing,
          inherits,
          created.again() || isFork(sandbox) ? mounts : List.of());
    }
    return shown.access(sandbox, call.principal());
  }

  private static boolean isFork(JsonNode sandbox) {
    return sandbox.path("boot_path").asString("").endsWith("fork");
  }

  /**
   * The sandbox of an earlier request with the same key, or what was told of it when it is gone.
   */
  private JsonNode asItIs(Call call, JsonNode told) {
    try {
      return backend.get(call, "/sandboxes/" + Shown.id(told));
    } catch (AtollException gone) {
      return told;
    }
  }

  private void finish(
      Call call,
      JsonNode sandbox,
      Network.Wish missing,
      boolean inherits,
      List<ObjectNode> mounts) {
    String id = Shown.id(sandbox);
    mount(call, id, mounts);
    restrict(call, sandbox, missing, inherits);
    if (Shown.isUnfinished(sandbox)) {
      JsonNode metadata = sandbox.path("metadata");
      ObjectNode finished =
          Shown.metadata(metadata, Shown.autoResume(metadata), Shown.isRestricted(sandbox));
      backend.patch(call, "/sandboxes/" + id, Backend.object().set("metadata", finished));
    }
    home.prepare(id);
    app.start(call, sandbox);
  }

  /** Nobody is told of a sandbox whose network is not yet as it was asked for. */
  private void restrict(Call call, JsonNode sandbox, Network.Wish missing, boolean inherits) {
    String id = Shown.id(sandbox);
    try {
      if (!missing.isNone()) {
        network.begin(call, id, missing);
      } else if (inherits && !network.of(call, id).isNone()) {
        // It has what its snapshot had.
        ObjectNode metadata = Shown.restricted(sandbox.path("metadata"));
        backend.patch(call, "/sandboxes/" + id, Backend.object().set("metadata", metadata));
      }
    } catch (AtollException refused) {
      backend.delete(call, "/sandboxes/" + id);
      throw refused;
    }
  }

  private Backend.Created create(
      Call call, String template, ObjectNode body, List<ObjectNode> mounts, CreateWish wish) {
    String ours = Names.template(template);
    if (Ids.is("snap", ours)) {
      return backend.create(call, "/snapshots/" + ours + "/fork", body, wish);
    }
    if (!Names.isTemplate(ours)) {
      AtollException unknown = AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, ours);
      return named(call, ours, body, wish, unknown);
    }
    ObjectNode whole = body.deepCopy().put("template_id", ours);
    if (!mounts.isEmpty()) {
      whole.putArray("volumes").addAll(mounts);
    }
    try {
      return backend.create(call, "/sandboxes", whole, wish);
    } catch (AtollException refused) {
      // Theirs share one space of names with templates.
      if (refused.code() != ErrorCode.TEMPLATE_NOT_FOUND) {
        throw refused;
      }
      return named(call, ours, body, wish, refused);
    }
  }

  private List<ObjectNode> mounts(Call call, JsonNode volumes) {
    return volumes
        .valueStream()
        .map(volume -> {
          String path = volume.path("path").asString("");
          if (path.isEmpty()) {
            // Our own wire would choose a place where none is named.
            throw AtollException.withMessage(
                ErrorCode.INVALID_REQUEST, "The path of a volume mount must not be empty.");
          }
          String name = volume.path("name").asString("");
          return Backend.object()
              .put("volume_id", VolumeRoutes.mounted(backend, call, name))
              .put("mount_path", path);
        })
        .toList();
  }

  /** What comes of a snapshot gets its volumes when it is there; one of a template has them. */
  private void mount(Call call, String id, List<ObjectNode> mounts) {
    if (mounts.isEmpty()) {
      return;
    }
    try {
      JsonNode has = backend.get(call, "/sandboxes/" + id + "/volumes").path("data");
      for (ObjectNode mount : mounts) {
        boolean there =
            has.valueStream()
                .anyMatch(one ->
                    one.path("volume_id").equals(mount.path("volume_id"))
                        && one.path("mount_path").equals(mount.path("mount_path")));
        if (!there) {
          backend.post(call, "/sandboxes/" + id + "/volumes", mount);
        }
      }
    } catch (AtollException refused) {
      backend.delete(call, "/sandboxes/" + id);
      throw refused;
    }
  }

  private Backend.Created named(
      Call call, String name, ObjectNode body, CreateWish wish, AtollException refused) {
    try {
      return backend.create(
          call, "/named-snapshots/" + name + "/deploy", body, wish.inPlaceOfTemplate());
    } catch (AtollException missing) {
      throw missing.code() == ErrorCode.NOT_FOUND ? refused : missing;
    }
  }

  private JsonNode fork(Call call) {
    // What refuses a single one is told within the list of the others.
    call.principal().requireScope(CREATES);
    JsonNode source = SandboxRoutes.living(backend, call);
    ObjectNode child = lasting(call.json());
    int count = call.json().path("count").asInt(1);
    if (count < 1 || count > MOST_FORKS) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_REQUEST, "count must be between 1 and " + MOST_FORKS + ".");
    }
    return forks.of(call, source, count, child, within(null));
  }

  /** One that has an end, whatever its source has: the one that is asked for, if any is. */
  private static ObjectNode lasting(JsonNode asked) {
    ObjectNode body = Backend.object().put("always_on", false);
    int seconds = SandboxRoutes.seconds(asked, "timeout", 0);
    return seconds == 0 ? body : body.put("timeout_sec", seconds);
  }

  /**
   * Where none is asked for it has the usual time, and no other end. Policies may bound both, and
   * refuse neither: on this wire nobody can ask for how long it may be idle.
   */
  private static CreateWish within(@Nullable NetworkWish network) {
    return new CreateWish(network, USUAL_SECONDS, 0, false);
  }

  private static void refuseWhatThereIsNot(JsonNode asked) {
    refuse(given(asked.path("mcp")), "the MCP gateway");
    refuse(given(asked.path("iam")), "workload identity");
    refuse(!asked.path("autoPauseMemory").asBoolean(true), "a time-out that drops memory");
  }

  private static void refuse(boolean asked, String what) {
    if (asked) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, what);
    }
  }

  private static boolean given(JsonNode value) {
    return !value.isMissingNode() && !value.isNull() && !(value.isObject() && value.isEmpty());
  }
}
