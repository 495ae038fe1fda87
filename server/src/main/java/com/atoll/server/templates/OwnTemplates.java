package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.AtollException.Problem;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules of the templates that organizations make. */
final class OwnTemplates {
  private static final int MOST_TEMPLATES = 200;
  private static final int MOST_OPEN_BUILDS = 10;
  private static final int MOST_METADATA = 16 << 10;
  private static final Pattern ID = Pattern.compile("[a-z]{2,8}_[0-9a-z]{26}");
  private static final Pattern SLUG = Pattern.compile("[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?");

  private final Store store;
  private final Book book;
  private final Builder builder;
  private final Fit fit;
  private final Set<String> registries;

  /** With the registries that images may come from. */
  OwnTemplates(Store store, Book book, Builder builder, Fit fit, List<String> registries) {
    this.fit = fit;
    this.registries = Set.copyOf(registries);
    this.store = store;
    this.book = book;
    this.builder = builder;
  }

  /** What may be told of a template. */
  record Wish(
      @Nullable String name,
      @Nullable String slug,
      @Nullable String description,
      @Nullable Map<String, Object> metadata,
      @Nullable Map<String, Object> spec,
      @Nullable String buildId) {}

  /** A template and the build that was just asked for. */
  record Made(OwnTemplate template, Build build) {}

  OwnTemplate require(Principal principal, String reference) {
    return store.transaction(principal, tx -> require(tx, reference));
  }

  private static OwnTemplate require(Tx tx, String reference) {
    return TemplateStore.find(tx, reference)
        .orElseThrow(() -> AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, reference));
  }

  private BuildSpec read(@Nullable Map<String, Object> spec) {
    JsonNode json = Json.MAPPER.valueToTree(spec);
    BuildSpec read = BuildSpecs.read(json);
    fit.require(read.shape(), json);
    return read;
  }

  /** The specification with its base looked up; problems are named. */
  BuildSpec check(Principal principal, Map<String, Object> spec) {
    BuildSpec read = read(spec);
    store.execute(principal, tx -> base(tx, read));
    return read;
  }

  /** Stores a template with its first build, and begins that. */
  OwnTemplate create(Call call, Wish wish, BiFunction<OwnTemplate, Build, Object> answer) {
    BuildSpec spec = read(wish.spec());
    String name = name(wish.name());
    String slug = wish.slug() == null ? slugOf(name) : slug(wish.slug());
    refuseBuiltIn(slug);
    String id = Ids.next(Book.PREFIX);
    String buildId = BuildIds.of(wish.buildId());
    Map<String, Object> metadata = metadata(wish.metadata());
    Made made =
        changing(
            slug,
            call.principal(),
            tx -> {
              if (TemplateStore.count(tx) >= MOST_TEMPLATES) {
                throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST_TEMPLATES + " templates");
              }
              TemplateStore.insert(tx, id, name, slug, description(wish), metadata, spec);
              tx.event("template.created", "template", id, 1, Map.of("name", name, "slug", slug));
              Build build = build(tx, buildId, id, spec, false, Map.of());
              OwnTemplate template = require(tx, id);
              call.idempotentAnswer(tx, answer.apply(template, build), id);
              return new Made(template, build);
            });
    book.put(made.template());
    builder.begin(made.build());
    return made.template();
  }

  /** Changes what is told; another specification takes effect with the next build. */
  OwnTemplate update(Principal principal, String reference, Wish wish) {
    BuildSpec spec = wish.spec() == null ? null : read(wish.spec());
    String slug = wish.slug() == null ? "" : slug(wish.slug());
    refuseBuiltIn(slug);
    OwnTemplate changed =
        changing(
            slug,
            principal,
            tx -> {
              OwnTemplate old = locked(tx, reference);
              if (spec != null) {
                base(tx, spec);
              }
              OwnTemplate next =
                  new OwnTemplate(
                      old.id(),
                      old.org(),
                      wish.name() == null ? old.name() : name(wish.name()),
                      slug.isEmpty() ? old.slug() : slug,
                      wish.description() == null ? old.description() : description(wish),
                      wish.metadata() == null ? old.metadata() : metadata(wish.metadata()),
                      spec == null ? old.spec() : spec,
                      old.currentBuildId(),
                      old.built(),
                      old.status(),
                      old.version() + 1,
                      old.createdAt(),
                      old.updatedAt());
              TemplateStore.update(tx, next);
              if (spec != null) {
                TemplateStore.specified(tx, next.id());
              }
              tx.event("template.updated", "template", old.id(), next.version(), Map.of());
              return require(tx, old.id());
            });
    book.put(changed);
    return changed;
  }

  /** Starts another build, with another specification when one is given, which it has to prove. */
  Build rebuild(Call call, Wish wish, BiFunction<OwnTemplate, Build, Object> answer) {
    BuildSpec given = wish.spec() == null || wish.spec().isEmpty() ? null : read(wish.spec());
    Map<String, Object> metadata = metadata(wish.metadata());
    String buildId = BuildIds.of(wish.buildId());
    Made made =
        changing(
            "",
            call.principal(),
            tx -> {
              OwnTemplate old = locked(tx, call.path("id"));
              // What the template is built by from then on is decided once it is ready.
              BuildSpec spec = given == null ? old.spec() : given;
              Build build = build(tx, buildId, old.id(), spec, given != null, metadata);
              OwnTemplate template = require(tx, old.id());
              call.idempotentAnswer(tx, answer.apply(template, build), build.id());
              return new Made(template, build);
            });
    book.put(made.template());
    builder.begin(made.build());
    return made.build();
  }

  /** Deletes a template that nothing stands on; its builds end. */
  void delete(Principal principal, String reference) {
    List<String> builds = new ArrayList<>();
    String id =
        store.transaction(
            principal,
            tx -> {
              OwnTemplate template = locked(tx, reference);
              int sandboxes = TemplateStore.sandboxesOf(tx, template.id());
              int others = TemplateStore.buildsOn(tx, template.id());
              if (sandboxes + others > 0) {
                throw AtollException.of(ErrorCode.TEMPLATE_IN_USE, template.slug())
                    .detail("sandboxes", sandboxes)
                    .detail("builds", others);
              }
              builds.addAll(TemplateStore.buildIds(tx, template.id()));
              TemplateStore.delete(tx, template);
              tx.event(
                  "template.deleted", "template", template.id(), template.version() + 1, Map.of());
              return template.id();
            });
    CrashPoint.BUILD_AFTER_DELETE.reach();
    book.remove(id);
    builder.drop(builds);
  }

  /** One that nobody else changes meanwhile; TEMPLATE_NOT_FOUND when it was deleted before. */
  private static OwnTemplate locked(Tx tx, String reference) {
    return TemplateStore.lock(tx, require(tx, reference).id())
        .orElseThrow(() -> AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, reference));
  }

  private Build build(
      Tx tx,
      String id,
      String templateId,
      BuildSpec spec,
      boolean specifies,
      Map<String, Object> metadata) {
    if (TemplateStore.openBuilds(tx) >= MOST_OPEN_BUILDS) {
      throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST_OPEN_BUILDS + " builds at once");
    }
    TemplateStore.insertBuild(tx, id, templateId, spec, specifies, base(tx, spec), metadata);
    tx.event("template_build.queued", "template_build", id, 1, Map.of("template_id", templateId));
    return TemplateStore.build(tx, id).orElseThrow();
  }

  /** What the node calls the image that a build begins with. */
  private String base(Tx tx, BuildSpec spec) {
    String from = spec.from();
    Optional<String> builtIn = book.builtIn(from);
    if (builtIn.isPresent()) {
      return builtIn.get();
    }
    if (From.isImage(from)) {
      String registry = From.registry(from);
      if (!registries.contains(registry)) {
        throw refused(
            "REGISTRY_NOT_ALLOWED",
            "images of " + registry + " are not allowed here (image_registries of the owner)");
      }
      return From.image(from);
    }
    Optional<OwnTemplate> own = TemplateStore.find(tx, from);
    if (own.isEmpty()) {
      throw refused("NOT_FOUND", "there is no template " + from);
    }
    String build = own.get().currentBuildId();
    if (build == null) {
      throw refused("NOT_READY", "the template " + from + " has no finished build");
    }
    return build;
  }

  private static AtollException refused(String code, String message) {
    return AtollException.of(ErrorCode.INVALID_BUILDSPEC)
        .problems(List.of(new Problem(code, "from", message)));
  }

  private <T> T changing(String slug, Principal principal, Store.Work<T> work) {
    try {
      return store.transaction(principal, work);
    } catch (DataAccessException e) {
      if (String.valueOf(e.getMessage()).contains("sandbox_templates_org_slug_key")) {
        throw AtollException.invalid("slug", slug + " is taken");
      }
      if (String.valueOf(e.getMessage()).contains("used_build_ids_pkey")) {
        throw AtollException.of(ErrorCode.CONFLICT, "there is, or was, a build of this id");
      }
      throw e;
    }
  }

  boolean isBuiltIn(String reference) {
    return book.builtIn(reference).isPresent();
  }

  void requireChangeable(String reference) {
    if (isBuiltIn(reference)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "built-in templates do not change");
    }
  }

  private void refuseBuiltIn(String slug) {
    if (!slug.isEmpty() && book.builtIn(slug).isPresent()) {
      throw AtollException.invalid("slug", slug + " is taken by a built-in template");
    }
  }

  private static String name(@Nullable String name) {
    if (name == null || name.isBlank() || name.length() > 128 || name.indexOf('\0') >= 0) {
      throw AtollException.invalid("name", "must have 1 to 128 characters");
    }
    return name;
  }

  private static @Nullable String description(Wish wish) {
    return wish.description();
  }

  private static String slug(String slug) {
    if (ID.matcher(slug).matches()) {
      throw AtollException.invalid("slug", "must not have the form of an id");
    }
    if (!SLUG.matcher(slug).matches()) {
      throw AtollException.invalid("slug", "must have 1 to 63 of a-z, 0-9 and inner - and _");
    }
    return slug;
  }

  private static String slugOf(String name) {
    String slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
    String cut = (slug.length() > 63 ? slug.substring(0, 63) : slug).replaceAll("-+$", "");
    return cut.isEmpty() ? "template-" + Ids.random(8) : cut;
  }

  private static Map<String, Object> metadata(@Nullable Map<String, Object> metadata) {
    if (metadata == null) {
      return Map.of();
    }
    String text = Json.MAPPER.writeValueAsString(metadata);
    if (text.length() > MOST_METADATA || text.contains("\\u0000")) {
      throw AtollException.invalid("metadata", "holds NUL or is longer than 16 KiB");
    }
    return metadata;
  }
}
