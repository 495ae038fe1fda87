package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.model.SandboxSize;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Builds of templates, as the SDKs ask for them: an id first, then files, then how it is made. */
final class TemplateRoutes {
  private static final String BASE = "miosa-sandbox";
  private static final int SMALLEST_DISK = SandboxSize.SMALL.shape().diskMb();
  private static final String BUILDS = "sandboxes:write";
  private static final String USUAL_TAG = "default";
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?");

  private final Backend backend;

  TemplateRoutes(Backend backend) {
    this.backend = backend;
  }

  List<Operation<?, ?>> operations() {
    String one = "/e2b/templates/:id";
    return List.of(
        Declared.json(
            Operation.post("/e2b/v3/templates"),
            "templates.request",
            "Says what a build will be called.",
            202,
            this::request),
        Declared.json(
            Operation.get(one + "/files/:hash"),
            "templates.files",
            "Says where files can be uploaded that a build copies.",
            201,
            this::files),
        Declared.json(
            Operation.post("/e2b/v2/templates/:id/builds/:build"),
            "templates.build",
            "Begins a build.",
            202,
            this::build),
        Declared.json(
            Operation.get(one + "/builds/:build/status"),
            "templates.status",
            "Says how a build stands.",
            200,
            new BuildStatus(backend)::show),
        Declared.json(
            Operation.get("/e2b/templates/aliases/:alias"),
            "templates.alias",
            "Finds a template by its name.",
            200,
            this::alias),
        Declared.json(
            Operation.get(one + "/tags"),
            "templates.tags",
            "Lists the tags of a template.",
            200,
            this::tags),
        Declared.json(
            Operation.get("/e2b/templates"), "templates.list", "Lists templates.", 200, this::list),
        Declared.json(
            Operation.get("/e2b/v2/templates"),
            "templates.list2",
            "Lists templates.",
            200,
            this::list));
  }

  private JsonNode request(Call call) {
    requireBuilder(call.principal());
    ObjectNode asked = call.json();
    String whole = asked.path("name").asString(asked.path("alias").asString(""));
    int colon = whole.indexOf(':');
    String name = (colon < 0 ? whole : whole.substring(0, colon)).toLowerCase(Locale.ROOT);
    if (!NAME.matcher(name).matches()) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_REQUEST,
          "name must have 1 to 63 of a-z, 0-9 and inner - and _, before its tag.");
    }
    refuseTag(colon < 0 ? USUAL_TAG : whole.substring(colon + 1));
    asked.path("tags").forEach(tag -> refuseTag(tag.asString("")));
    ObjectNode wish = Backend.object();
    for (String field : List.of("cpuCount", "memoryMB", "minFreeDiskMb")) {
      if (asked.hasNonNull(field)) {
        if (!asked.path(field).isInt()) {
          throw AtollException.withMessage(
              ErrorCode.INVALID_REQUEST, field + " must be a whole number.");
        }
        wish.put(field, asked.path(field).asInt());
      }
    }
    ObjectNode answer =
        Backend.object()
            .put("templateID", name)
            .put("buildID", BuildNames.next(wish))
            .put("public", false);
    answer.putArray("names").add(name);
    answer.putArray("aliases").add(name);
    answer.putArray("tags").add(USUAL_TAG);
    return answer;
  }

  /** Nothing is kept yet that would refuse it: whoever may begin no build is told so at once. */
  private static void requireBuilder(Principal asking) {
    asking.requireScope(BUILDS);
    if (asking.workspace() != null || asking.externalUser() != null) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "templates are changed by the keys of the whole organization");
    }
  }

  /** A template is here what its newest build is. */
  private static void refuseTag(String tag) {
    if (!tag.equals(USUAL_TAG)) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "other tags of builds than default");
    }
  }

  private JsonNode files(Call call) {
    String hash = call.rawPath("hash");
    JsonNode link =
        backend.post(call, "/sandbox-template-files", Backend.object().put("name", hash));
    return Backend.object()
        .put("present", link.path("present").asBoolean(false))
        .put("url", link.path("upload_url").asString(""));
  }

  private JsonNode build(Call call) {
    String name = slug(call);
    BuildNames.Named named = BuildNames.read(call.rawPath("build"));
    ObjectNode spec = spec(call, named.wish());
    ObjectNode body = Backend.object().put("build_id", named.id());
    body.set("build_spec", spec);
    try {
      backend.post(call, "/sandbox-templates/" + name + "/builds", body);
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.TEMPLATE_NOT_FOUND) {
        throw refused;
      }
      backend.post(call, "/sandbox-templates", body.put("name", name).put("slug", name));
    }
    return Backend.object();
  }

  private ObjectNode spec(Call call, JsonNode wish) {
    ObjectNode asked = call.json();
    if (asked.hasNonNull("fromImageRegistry")) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "images of registries with a login");
    }
    ObjectNode spec = Backend.object().put("from", from(asked));
    put(spec, "vcpu", wish.path("cpuCount"));
    put(spec, "memoryMib", wish.path("memoryMB"));
    // Growth only: what there is anyway is never taken away.
    if (wish.path("minFreeDiskMb").asInt(0) > SMALLEST_DISK) {
      put(spec, "diskMib", wish.path("minFreeDiskMb"));
    }
    BuildSteps.translate(asked, parent(call, asked), spec);
    return spec;
  }

  /** How the template was made that a build stands on; missing where it is an image. */
  private JsonNode parent(Call call, ObjectNode asked) {
    String template = asked.path("fromTemplate").asString("");
    return template.isEmpty()
        ? MissingNode.getInstance()
        : backend.get(call, "/sandbox-templates/" + Names.template(template)).path("build_spec");
  }

  private static void put(ObjectNode spec, String field, JsonNode number) {
    if (number.isInt()) {
      spec.put(field, number.asInt());
    }
  }

  private static String from(ObjectNode asked) {
    String template = asked.path("fromTemplate").asString("");
    String image = asked.path("fromImage").asString("");
    if (template.isEmpty() == image.isEmpty()) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_REQUEST, "Either fromTemplate or fromImage is required.");
    }
    if (!template.isEmpty()) {
      return Names.template(template);
    }
    return switch (image) {
      case "e2bdev/base", "e2bdev/base:latest" -> BASE;
      case "e2bdev/code-interpreter", "e2bdev/code-interpreter:latest" -> "jupyter";
      // Theirs is always an image, never a template.
      default -> image.startsWith("oci://") ? image : "oci://" + image;
    };
  }

  private static String slug(Call call) {
    String name = Names.template(call.rawPath("id"));
    if (!Names.isTemplate(name)) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, name);
    }
    return name;
  }

  private JsonNode alias(Call call) {
    String name = Names.template(call.rawPath("alias").toLowerCase(Locale.ROOT));
    if (!Names.isTemplate(name)) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, name);
    }
    JsonNode template = backend.get(call, "/sandbox-templates/" + name);
    return Backend.object()
        .put("templateID", template.path("slug").asString(""))
        .put("public", template.path("built_in").asBoolean(false));
  }

  /** The build that a template stands on has the usual one. */
  private JsonNode tags(Call call) {
    JsonNode template = backend.get(call, "/sandbox-templates/" + slug(call));
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    String build = template.path("current_build_id").asString("");
    if (!build.isEmpty()) {
      answer
          .addObject()
          .put("tag", USUAL_TAG)
          .put("buildID", BuildNames.shown(build))
          .put("createdAt", template.path("updated_at").asString(""));
    }
    return answer;
  }

  private JsonNode list(Call call) {
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    for (JsonNode template : backend.get(call, "/sandbox-templates").path("data")) {
      if (!template.path("built_in").asBoolean(false)) {
        answer.add(ShownTemplate.listed(template));
      }
    }
    return answer;
  }
}
