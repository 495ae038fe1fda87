package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.server.identity.Identity;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;

/** Many sandboxes, by the same ways as one. */
final class Crowd implements SandboxCrowd {
  private final Store store;
  private final Identity identity;
  private final SandboxStore table;
  private final Directory directory;
  private final Lifecycle lifecycle;
  private final Afterwork afterwork;

  Crowd(
      Store store,
      Identity identity,
      SandboxStore table,
      Directory directory,
      Lifecycle lifecycle,
      Afterwork afterwork) {
    this.store = store;
    this.identity = identity;
    this.table = table;
    this.directory = directory;
    this.lifecycle = lifecycle;
    this.afterwork = afterwork;
  }

  @Override
  public void settle() {
    afterwork.settle();
  }

  @Override
  public Map<String, String> named(Tx tx, List<String> references) {
    String[] names = references.toArray(String[]::new);
    Map<String, String> ids = new HashMap<>();
    for (Record row :
        tx.sql()
            .fetch(
                """
                select id, slug, state from sandboxes where id = any(cast(? as text[]))
                  or (slug = any(cast(? as text[])) and state <> 'destroyed')\
                """,
                (Object) names,
                (Object) names)) {
      String id = row.get("id", String.class);
      ids.put(id, id);
      if (!row.get("state", String.class).equals(SandboxState.DESTROYED.wire())) {
        ids.put(row.get("slug", String.class), id);
      }
    }
    return ids;
  }

  @Override
  public List<String> matching(Tx tx, SandboxFilter filter, int most) {
    return tx.sql()
        .fetch(
            "select s.id from sandboxes s where {0} order by s.id limit {1}",
            where(tx, filter), DSL.val(most))
        .map(row -> row.get(0, String.class));
  }

  @Override
  public List<String> externalUsers(Tx tx, SandboxFilter filter, int most) {
    return tx.sql()
        .fetch(
            """
            select distinct s.external_user_id from sandboxes s
            where {0} and s.external_user_id is not null order by 1 limit {1}\
            """,
            where(tx, filter), DSL.val(most))
        .map(row -> row.get(0, String.class));
  }

  private Condition where(Tx tx, SandboxFilter filter) {
    return filter.rows().condition().and(identity.filter(tx, filter.places(), "s"));
  }

  @Override
  public void act(OrganizationId org, String id, Act act) {
    Sandbox sandbox =
        directory
            .byId(id)
            .filter(known -> known.org().equals(org))
            .orElseGet(() -> stored(org, id));
    switch (act) {
      case PAUSE -> lifecycle.pause(sandbox, true, 0);
      case RESUME -> lifecycle.resume(sandbox);
      case DESTROY -> {
        if (sandbox.state() != SandboxState.DESTROYED) {
          lifecycle.destroy(sandbox);
        }
      }
    }
  }

  private Sandbox stored(OrganizationId org, String id) {
    return store
        .transaction(org, tx -> table.byId(tx, id))
        .orElseThrow(() -> AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, id));
  }
}
