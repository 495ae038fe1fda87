package com.atoll.server.authority;

import com.atoll.server.http.Call;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Ownership;
import com.atoll.server.store.Tx;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
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
  private static final String VOLUME = "select workspace_id from volumes where id = ?";
  private static final String SNAPSHOT = "select workspace_id from snapshots where id = ?";
  private static final Map<String, String> OF_RESOURCE =
      Map.of(
          "sandboxes", SANDBOX,
          "deployments", DEPLOYMENT,
          "volumes", VOLUME,
          "snapshots", SNAPSHOT,
          "projects", "select workspace_id from projects where id = ?",
          "workspaces", "select id from workspaces where id = ?");

  /** What a path or a body may name besides, and would act on too. */
  private static final Map<String, String> BESIDES =
      Map.of(
          "deployment_id", DEPLOYMENT,
          "source_sandbox_id", SANDBOX,
          "sandbox_id", SANDBOX,
          "snapshot_id", SNAPSHOT,
          "volume_id", VOLUME);

  private Whereabouts() {}

  static @Nullable String of(Tx tx, Identity identity, Call call, Declaration operation) {
    String workspace = named(tx, identity, call, operation);
    return workspace != null && isAlone(tx, call, workspace) ? workspace : null;
  }

  private static @Nullable String named(
      Tx tx, Identity identity, Call call, Declaration operation) {
    String[] parts = operation.path().split("/", -1);
    if (parts.length > 2 && parts[2].startsWith(":")) {
      String query = OF_RESOURCE.get(parts[1]);
      return query == null
          ? call.principal().workspace()
          : found(tx, query, call.rawPath(parts[2].substring(1)));
    }
    return hasOwner(operation.request())
        ? identity.workspace(tx, call, wish(call.json()))
        : call.principal().workspace();
  }

  /** Whether all that is named besides lies in the workspace too. */
  private static boolean isAlone(Tx tx, Call call, String workspace) {
    List<JsonNode> bodies = new ArrayList<>(List.of(call.json()));
    call.json().path("volumes").forEach(bodies::add);
    for (Map.Entry<String, String> other : BESIDES.entrySet()) {
      List<String> named = new ArrayList<>();
      String inPath = call.paths().get(other.getKey());
      if (inPath != null) {
        named.add(inPath);
      }
      bodies.stream()
          .map(body -> body.path(other.getKey()))
          .filter(JsonNode::isString)
          .forEach(id -> named.add(id.asString()));
      if (!named.stream().allMatch(id -> workspace.equals(found(tx, other.getValue(), id)))) {
        return false;
      }
    }
    return true;
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
