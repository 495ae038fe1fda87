package com.atoll.server.identity;

import com.atoll.server.store.Tx;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts what a workspace or a project owns, by kind; what has ended does not count. */
public final class Holdings {
  private static final Map<String, String> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("sandboxes", "sandboxes where state <> 'destroyed'");
    KINDS.put("running_sandboxes", "sandboxes where state = 'running'");
    KINDS.put("deployments", "deployments where deleted_at is null");
    KINDS.put("volumes", "volumes where true");
    KINDS.put("snapshots", "snapshots where status <> 'failed'");
  }

  private Holdings() {}

  /** What a workspace owns. */
  public static Map<String, Integer> ofWorkspace(Tx tx, String id) {
    return count(tx, "workspace_id", id);
  }

  /** What a project owns. */
  public static Map<String, Integer> ofProject(Tx tx, String id) {
    return count(tx, "project_id", id);
  }

  private static Map<String, Integer> count(Tx tx, String column, String id) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    KINDS.forEach((kind, from) ->
        counts.put(
            kind,
            tx.sql()
                .fetchSingle(
                    "select count(*) from " + from + " and org = ? and " + column + " = ?",
                    tx.org().value(),
                    id)
                .get(0, Integer.class)));
    return counts;
  }
}
