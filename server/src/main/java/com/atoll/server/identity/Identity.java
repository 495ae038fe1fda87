package com.atoll.server.identity;

import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import java.util.Map;
import org.jooq.Condition;
import org.jspecify.annotations.Nullable;

/** What other capabilities ask about owners. */
public interface Identity {
  /**
   * The owner of a resource that is being created: resolves the workspace and the project that the
   * request or the header X-MIOSA-Workspace names inside the organization, makes those that are
   * named but do not exist, and takes the defaults otherwise; where no workspace is named, that of
   * a project that is named by its id. A foreign id is a 422. Both stay until the end of the
   * transaction; what is stored by another one holds them there.
   */
  Owner resolve(Tx tx, Call call, Ownership wish);

  /** The workspace of that owner; null when there is none yet, or none that is named. */
  @Nullable String workspace(Tx tx, Call call, Ownership wish);

  /**
   * The condition that the filters workspace_id, project_id and external_* of a list mean, on the
   * columns of the same names of table {@code alias}.
   */
  Condition filter(Tx tx, Call call, String alias);

  /** The same of filters that stand in no query, by their names. */
  Condition filter(Tx tx, Map<String, String> wanted, String alias);

  /** The slug of the transaction's organization. */
  String slug(Tx tx);
}
