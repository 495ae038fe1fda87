package com.atoll.server.authority;

import com.atoll.server.http.Call;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Ownership;
import com.atoll.server.store.Tx;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The workspace that a request is about: that of the resource in its path, or the one in which it
 * makes something. Where that is not certain there is none, and nothing that is bounded to a
 * workspace covers the request.
 */
final class Whereabouts {
  private static final String DEPLOYMENT =
      """
      select d.workspace_id from deployments d, (select cast(? as text) as named) q
      where d.deleted_at is null and (d.id = q.named or d.slug = q.named)
      order by d.id = q.named desc limit 1\
      """;
  private static final String SANDBOX = "select workspace_id from sandboxes where id = ?";
  private static final Map<String, String> OF_RESOURCE =
      Map.of(
          "sandboxes", SANDBOX,
          "deployments", DEPLOYMENT,
          "volumes", "select workspace_id from volumes where id = ?",
          "snapshots", "select workspace_id from snapshots where id = ?",
          "projects", "select workspace_id from projects where id = ?",
          "workspaces", "select id from workspaces where id = ?");

  /** What a body may name besides the resource in the path, and would act on too. */
  private static final Map<String, String> BESIDES =
      Map.of("deployment_id", DEPLOYMENT, "source_sandbox_id", SANDBOX);

  private Whereabouts() {}

  static @Nullable String of(Tx tx, Identity identity, Call call, Declaration operation) {
    String[] parts = operation.path().split("/", -1);
    if (parts.length > 2 && parts[2].startsWith(":")) {
      String query = OF_RESOURCE.get(parts[1]);
      return query == null
          ? call.principal().workspace()
          : alone(tx, call.json(), found(tx, query, call.rawPath(parts[2].substring(1))));
    }
    return hasOwner(operation.request())
        ? identity.workspace(tx, call, wish(call.json()))
        : call.principal().workspace();
  }

  private static @Nullable String alone(Tx tx, JsonNode body, @Nullable String workspace) {
    for (Map.Entry<String, String> other : BESIDES.entrySet()) {
      JsonNode named = body.path(other.getKey());
      if (workspace != null
          && named.isString()
          && !workspace.equals(found(tx, other.getValue(), named.asString()))) {
        return null;
      }
    }
    return workspace;
  }

  private static @Nullable String found(Tx tx, String query, String reference) {
    Record row = tx.sql().fetchOne(query, reference);
    return row == null ? null : row.get(0, String.class);
  }

  private static boolean hasOwner(Class<?> request) {
    if (!request.isRecord()) {
      return false;
    }
    for (RecordComponent component : request.getRecordComponents()) {
      Class<?> type = component.getType();
      boolean inside = component.getAccessor().isAnnotationPresent(JsonUnwrapped.class);
      if (inside && (type == Ownership.class || hasOwner(type))) {
        return true;
      }
    }
    return false;
  }

  private static Ownership wish(JsonNode body) {
    return new Ownership(
        text(body, "workspace_id"),
        text(body, "workspace_slug"),
        text(body, "workspace_name"),
        text(body, "project_id"),
        null,
        null,
        null,
        null,
        null);
  }

  private static @Nullable String text(JsonNode body, String name) {
    JsonNode value = body.path(name);
    return value.isString() ? value.asString() : null;
  }
}
