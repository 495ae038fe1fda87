package com.atoll.server.toolservers;

import com.atoll.model.AtollException;
import com.atoll.server.http.Call;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows the catalogue, tries its entries and installs them. */
final class Installer {
  private final Store store;
  private final Catalogue catalogue;
  private final ToolServers servers;

  Installer(Store store, Catalogue catalogue, ToolServers servers) {
    this.store = store;
    this.catalogue = catalogue;
    this.servers = servers;
  }

  Views.CatalogView list(Call call) {
    String workspace = call.query("workspace_id");
    Map<String, List<Views.Added>> added =
        store.transaction(call.principal(), tx -> added(tx, workspace));
    List<Views.EntryView> entries =
        catalogue.entries().stream()
            .map(e ->
                new Views.EntryView(
                    e.slug(),
                    e.name(),
                    e.description(),
                    e.category(),
                    e.homepage(),
                    e.methods(),
                    added.getOrDefault(e.slug(), List.of())))
            .toList();
    return new Views.CatalogView(
        entries, entries.size(), catalogue.categories(), catalogue.excluded());
  }

  private static Map<String, List<Views.Added>> added(Tx tx, @Nullable String workspace) {
    String asked = workspace == null || workspace.isEmpty() ? null : workspace;
    String id = asked == null ? null : ToolServers.workspace(tx, asked);
    Map<String, List<Views.Added>> added = new HashMap<>();
    tx.sql()
        .fetch(
            """
            select id, name, catalog_slug from tool_servers where catalog_slug is not null
              and workspace_id = coalesce(cast(? as text), workspace_id) order by id\
            """,
            id)
        .forEach(row ->
            added
                .computeIfAbsent(row.get("catalog_slug", String.class), slug -> new ArrayList<>())
                .add(new Views.Added(row.get("id", String.class), row.get("name", String.class))));
    return added;
  }

  Views.TestView test(Call call, Views.TryEntry asked) {
    Catalogue.Entry entry = catalogue.require(call.path("slug"));
    Spec spec = spec(Catalogue.method(entry, asked.method()), asked.values());
    return servers.tried(call, spec).view(spec.transport());
  }

  Views.Installed install(Call call, Views.InstallEntry asked) {
    Catalogue.Entry entry = catalogue.require(call.path("slug"));
    Spec spec = spec(Catalogue.method(entry, asked.method()), asked.values());
    ToolServers.Wish wish =
        new ToolServers.Wish(
            asked.name() == null ? entry.name() : asked.name(),
            asked.workspaceId(),
            spec,
            null,
            Map.of(),
            entry.slug());
    return servers.made(call, wish, view -> new Views.Installed(view, view.secretNames()));
  }

  /** The server that a method describes, with these values. */
  static Spec spec(Catalogue.Method method, @Nullable Map<String, Object> given) {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> secrets = new LinkedHashMap<>();
    Map<String, Object> asked = given == null ? Map.of() : given;
    for (Catalogue.Field field : method.fields()) {
      Object value = asked.get(field.name());
      String text = value == null ? "" : String.valueOf(value).strip();
      if (text.isEmpty() && field.required()) {
        throw AtollException.invalid("values", "must hold " + field.name() + ": " + field.label());
      }
      if (!text.isEmpty()) {
        (field.secret() ? secrets : values).put(field.name(), text);
      }
    }
    for (String name : asked.keySet()) {
      if (method.fields().stream().noneMatch(field -> field.name().equals(name))) {
        throw AtollException.invalid("values", "must not hold " + name);
      }
    }
    String url = method.url();
    return new Spec(
        Transport.of(method.transport()),
        url == null ? null : Rules.filled(url, values),
        method.command(),
        method.args().stream().map(arg -> Rules.filled(arg, values)).toList(),
        only(method.headers(), secrets, true),
        Map.of(),
        Rules.secrets(secrets),
        Map.of(),
        only(method.env(), secrets, false));
  }

  /** What names no secret that was left out. */
  private static Map<String, String> only(
      Map<String, String> all, Map<String, String> secrets, boolean template) {
    Map<String, String> some = new LinkedHashMap<>();
    all.forEach((key, value) -> {
      boolean there =
          template
              ? Rules.places(value).stream().allMatch(secrets::containsKey)
              : secrets.containsKey(value);
      if (there) {
        some.put(key, value);
      }
    });
    return some;
  }
}
