package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Operation.Declaration;
import java.util.Set;

/** What a token for some sandboxes reaches, whatever scopes it has: these sandboxes alone. */
final class SandboxTokens {
  /** What every operation needs that makes a sandbox. */
  private static final String CREATES = "sandboxes:create";

  private static final Set<String> AREAS = Set.of("sandboxes", "events");
  private static final String VOLUMES_OF_ONE = "/sandboxes/:id/volumes";

  private SandboxTokens() {}

  /** Refuses what is about anything but sandboxes that there are. */
  static void requireWithin(Declaration d) {
    String scope = d.scope();
    if (scope == null) {
      return;
    }
    if (scope.equals(CREATES)) {
      // A new sandbox is none of those that it is for: it could not even be stored.
      throw AtollException.of(ErrorCode.FORBIDDEN, "a token for some sandboxes creates none");
    }
    boolean within =
        AREAS.contains(scope.substring(0, scope.indexOf(':')))
            || d.path().startsWith(VOLUMES_OF_ONE);
    if (!within) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "a token for some sandboxes reaches nothing besides them");
    }
  }
}
