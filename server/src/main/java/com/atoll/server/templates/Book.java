package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.model.Shape;
import com.atoll.server.sandboxes.TemplateApp;
import com.atoll.server.sandboxes.TemplateBook;
import com.atoll.server.store.Store;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which template is meant, and which image it is now. */
final class Book implements TemplateBook {
  static final String PREFIX = "tpl";
  static final String USUAL = "miosa-sandbox";

  /** What {@code modal} sends unasked for each version of Python, and {@code miosa-adk}. */
  private static final Pattern STAND_INS =
      Pattern.compile("python-3(\\.[0-9]{1,2}){0,2}|debian-12-sandbox-v8");

  /** What a node may have an image of. */
  private static final Pattern ON_NODE = Pattern.compile("[a-z0-9_-]{1,64}");

  private final Store store;
  private final Templates node;
  private final Map<String, BuiltIn> builtIns;
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, OwnTemplate> known = new ConcurrentHashMap<>();

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
  public String onNode(String templateId) {
    OwnTemplate own = own(templateId);
    String build = own == null ? null : own.currentBuildId();
    return build == null ? templateId : build;
  }

  @Override
  public @Nullable Integer previewPort(String templateId) {
    OwnTemplate own = own(templateId);
    return own == null ? node.previewPort(templateId) : own.inEffect().previewPort();
  }

  @Override
  public TemplateApp app(String templateId) {
    OwnTemplate own = own(templateId);
    if (own != null) {
      BuildSpec spec = own.inEffect();
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
  public @Nullable Shape shape(String templateId) {
    OwnTemplate own = own(templateId);
    return own == null ? null : own.inEffect().shape();
  }

  @Override
  public boolean isBuilt(String templateId) {
    return node.isActive(onNode(templateId));
  }

  @Override
  public void awaitNews(Duration atMost) {
    node.awaitNews(atMost);
  }

  /** Remembers what a row says now; older news is forgotten. */
  void put(OwnTemplate template) {
    known.merge(
        template.id(), template, (before, now) -> now.version() >= before.version() ? now : before);
  }

  void remove(String id) {
    known.remove(id);
  }

  private @Nullable OwnTemplate own(String templateId) {
    if (!Ids.is(PREFIX, templateId)) {
      return null;
    }
    OwnTemplate there = known.get(templateId);
    if (there == null) {
      there = store.findSystem(tx -> TemplateStore.find(tx, templateId).orElse(null));
      if (there != null) {
        put(there);
      }
    }
    return there;
  }
}
