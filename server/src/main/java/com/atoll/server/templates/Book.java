package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.model.Recent;
import com.atoll.model.Shape;
import com.atoll.server.sandboxes.TemplateApp;
import com.atoll.server.sandboxes.TemplateBook;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which template is meant, and which image it is now. */
final class Book implements TemplateBook {
  static final String PREFIX = "tpl";
  static final String USUAL = "miosa-sandbox";

  /** What {@code modal} and {@code miosa-adk} send unasked, and the alias of Node.js. */
  private static final Pattern STAND_INS =
      Pattern.compile("python-3(\\.[0-9]{1,2}){0,2}|node-22|debian-12-sandbox-v8");

  /** What a node may have an image of. */
  private static final Pattern ON_NODE = Pattern.compile("[a-z0-9_-]{1,64}");

  private static final int MOST_GONE = 10_000;

  private final Store store;
  private final Templates node;
  private final Map<String, BuiltIn> builtIns;
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, OwnTemplate> known = new ConcurrentHashMap<>();

  /** Of deleted ones, which never change again. */
  private final Map<String, Remains> remains = new ConcurrentHashMap<>();

  /** Those last asked for of which nothing is left: none of their ids is given again. */
  private final Set<Missing> gone = Collections.newSetFromMap(Recent.map(MOST_GONE));

  /** By what the builds were made that older sandboxes come from, which never changes. */
  private final Map<String, Optional<BuildSpec>> earlier = Recent.map(MOST_GONE);

  private record Missing(OrganizationId org, String id) {}

  /**
   * What is left of a deleted template while something stands on it.
   *
   * @param org that had it
   * @param spec what its sandboxes are like
   */
  record Remains(String org, BuildSpec spec) {}

  Book(Store store, Templates node, Map<String, BuiltIn> builtIns) {
    this.store = store;
    this.node = node;
    this.builtIns = builtIns;
    for (BuiltIn template : builtIns.values()) {
      BuiltIn.orNone(template.about().aliases()).forEach(a -> aliases.put(a, template.id()));
    }
    // Ids that clients have built in for what is one image here.
    aliases.putIfAbsent("miosa-sandbox-prod-1", USUAL);
    aliases.putIfAbsent("default", USUAL);
  }

  Map<String, BuiltIn> builtIns() {
    return builtIns;
  }

  /**
   * The built-in template that stands in for an id that published clients send without being told
   * to. It comes last: an organization may have a template of that name.
   */
  static Optional<String> standIn(String reference) {
    return STAND_INS.matcher(reference.toLowerCase(Locale.ROOT)).matches()
        ? Optional.of(USUAL)
        : Optional.empty();
  }

  /** The id of the built-in template of this id or alias. */
  Optional<String> builtIn(String reference) {
    String name = reference.toLowerCase(Locale.ROOT);
    String id = aliases.getOrDefault(name, name);
    return builtIns.containsKey(id) || node.isKnown(id) ? Optional.of(id) : Optional.empty();
  }

  @Override
  public String resolve(OrganizationId org, String reference) {
    Optional<String> builtIn = builtIn(reference);
    if (builtIn.isPresent()) {
      return builtIn.get();
    }
    Optional<OwnTemplate> found = store.transaction(org, tx -> TemplateStore.find(tx, reference));
    if (found.isEmpty()) {
      String name = reference.toLowerCase(Locale.ROOT);
      if (Ids.is(PREFIX, name) || Ids.is(Templates.BUILD, name)) {
        throw AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, reference);
      }
      if (!ON_NODE.matcher(name).matches() && standIn(name).isEmpty()) {
        throw AtollException.withMessage(
            ErrorCode.TEMPLATE_NOT_FOUND,
            "There is no template "
                + reference
                + ". An image of a registry becomes one by POST /sandbox-templates, with the"
                + " image as from in its build_spec.");
      }
      return standIn(name).orElse(name);
    }
    OwnTemplate own = found.get();
    put(own);
    if (own.currentBuildId() == null) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_READY, reference);
    }
    return own.id();
  }

  @Override
  public Optional<String> find(OrganizationId org, String reference) {
    return builtIn(reference)
        .or(() ->
            store.transaction(org, tx -> TemplateStore.find(tx, reference)).map(OwnTemplate::id))
        .or(() -> standIn(reference));
  }

  @Override
  public String slug(OrganizationId org, String templateId) {
    OwnTemplate own = own(org, templateId);
    return own == null ? templateId : own.slug();
  }

  @Override
  public void requireKnown(String templateId) {
    // The usual one is named where nobody has chosen.
    if (!templateId.equals(USUAL)
        && !Ids.is(PREFIX, templateId)
        && !builtIns.containsKey(templateId)
        && node.find(templateId).isEmpty()) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, templateId);
    }
  }

  @Override
  public void hold(Tx tx, String templateId) {
    if (Ids.is(PREFIX, templateId) && !TemplateStore.hold(tx, templateId)) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, templateId);
    }
  }

  @Override
  public String onNode(OrganizationId org, String templateId) {
    OwnTemplate own = own(org, templateId);
    String build = own == null ? null : own.currentBuildId();
    return build == null ? templateId : build;
  }

  @Override
  public @Nullable Integer previewPort(OrganizationId org, String templateId) {
    BuildSpec spec = spec(org, templateId);
    return spec == null ? node.previewPort(templateId) : spec.previewPort();
  }

  @Override
  public TemplateApp app(OrganizationId org, String templateId, @Nullable String buildId) {
    BuildSpec spec = buildId == null ? spec(org, templateId) : spec(org, templateId, buildId);
    if (spec != null) {
      return new TemplateApp(
          null,
          spec.startCmd(),
          spec.readyCmd(),
          spec.workdir(),
          spec.user(),
          spec.artifactPaths());
    }
    BuiltIn builtIn = builtIns.get(templateId);
    return builtIn == null ? TemplateApp.usual() : builtIn.app();
  }

  @Override
  public @Nullable Shape shape(OrganizationId org, String templateId) {
    OwnTemplate own = own(org, templateId);
    return own == null ? null : own.inEffect().shape();
  }

  @Override
  public boolean isBuilt(OrganizationId org, String templateId) {
    return node.isActive(onNode(org, templateId));
  }

  @Override
  public void awaitNews(Duration atMost) {
    node.awaitNews(atMost);
  }

  /** Remembers what a row says now; older news is forgotten. */
  void put(OwnTemplate template) {
    gone.remove(new Missing(new OrganizationId(template.org()), template.id()));
    known.merge(
        template.id(), template, (before, now) -> now.version() >= before.version() ? now : before);
  }

  void remove(String id) {
    known.remove(id);
  }

  /** What the sandboxes of a template are like, also once it is deleted. */
  private @Nullable BuildSpec spec(OrganizationId org, String templateId) {
    OwnTemplate own = own(org, templateId);
    if (own != null) {
      return own.inEffect();
    }
    Remains left = remains.get(templateId);
    return left == null || !left.org().equals(org.value()) ? null : left.spec();
  }

  /** What the sandboxes of one build are like; of the current one where that build is gone. */
  private @Nullable BuildSpec spec(OrganizationId org, String templateId, String buildId) {
    OwnTemplate own = own(org, templateId);
    if (own == null || buildId.equals(own.currentBuildId())) {
      return spec(org, templateId);
    }
    Optional<BuildSpec> built = earlier.get(buildId);
    if (built == null) {
      built = store.transaction(org, tx -> TemplateStore.specification(tx, templateId, buildId));
      earlier.put(buildId, built);
    }
    return built.orElseGet(own::inEffect);
  }

  /** By its id alone: a slug is what an organization calls its own, and may be any text. */
  private @Nullable OwnTemplate own(OrganizationId org, String templateId) {
    if (!Ids.is(PREFIX, templateId) || remains.containsKey(templateId)) {
      return null;
    }
    OwnTemplate there = known.get(templateId);
    if (there == null && !gone.contains(new Missing(org, templateId))) {
      there = store.find(org, tx -> read(tx, templateId));
    }
    return there == null || !there.org().equals(org.value()) ? null : there;
  }

  private @Nullable OwnTemplate read(Tx tx, String id) {
    Optional<OwnTemplate> there = TemplateStore.byId(tx, id);
    if (there.isPresent()) {
      put(there.get());
      return there.get();
    }
    TemplateStore.remains(tx, id)
        .ifPresentOrElse(left -> remains.put(id, left), () -> gone.add(new Missing(tx.org(), id)));
    return null;
  }
}
