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
import org.jspecify.annotations.Nullable;

/** Which template is meant, and which image it is now. */
final class Book implements TemplateBook {
  static final String PREFIX = "tpl";
  static final String USUAL = "miosa-sandbox";

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
      return name;
    }
    OwnTemplate own = found.get();
    put(own);
    if (own.currentBuildId() == null) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_READY, reference);
    }
    return own.id();
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
    return own == null ? node.previewPort(templateId) : own.spec().previewPort();
  }

  @Override
  public TemplateApp app(String templateId) {
    OwnTemplate own = own(templateId);
    if (own != null) {
      BuildSpec spec = own.spec();
      return new TemplateApp(spec.startCmd(), spec.readyCmd(), spec.workdir(), spec.user());
    }
    BuiltIn builtIn = builtIns.get(templateId);
    return TemplateApp.usual(builtIn == null ? null : builtIn.startCommand());
  }

  @Override
  public @Nullable Shape shape(String templateId) {
    OwnTemplate own = own(templateId);
    return own == null ? null : own.spec().shape();
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
