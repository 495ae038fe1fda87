package com.atoll.server.sandboxes;

import com.atoll.model.Ids;
import com.atoll.model.Recent;
import com.atoll.server.store.Store;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which build of its template a sandbox comes from: who its commands run as, and where, is not to
 * change below it when the template is built anew.
 */
final class Builds {
  private static final int MOST = 10_000;

  private final Store store;
  private final OriginStore origins = new OriginStore();

  /** Of those last asked for, empty where it is not known: it never changes. */
  private final Map<String, String> known = Recent.map(MOST);

  Builds(Store store) {
    this.store = store;
  }

  /** Whether its template is one that an organization made. */
  static boolean has(Sandbox sandbox) {
    return Ids.is("tpl", sandbox.templateId());
  }

  /** Null where it is not known, or there are no builds. */
  @Nullable String of(Sandbox sandbox) {
    if (!has(sandbox)) {
      return null;
    }
    String build = known.get(sandbox.id());
    if (build == null) {
      build = store.find(sandbox.org(), tx -> origins.build(tx, sandbox.id()));
      if (build == null) {
        return null;
      }
      known.put(sandbox.id(), build);
    }
    return build.isEmpty() ? null : build;
  }
}
