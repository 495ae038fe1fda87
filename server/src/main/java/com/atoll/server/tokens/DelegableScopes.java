package com.atoll.server.tokens;

import java.util.Set;

/** Which scopes a credential may have that is confined to a part of its organization. */
public final class DelegableScopes {
  /** Areas whose scopes a part may have. What manages the organization is not for parts. */
  private static final Set<String> AREAS =
      Set.of(
          "sandboxes",
          "volumes",
          "deployments",
          "computers",
          "databases",
          "storage",
          "functions",
          "agents",
          "events");

  private DelegableScopes() {}

  /** Whether what this scope allows stays inside a workspace. */
  public static boolean is(String scope) {
    int colon = scope.indexOf(':');
    return colon > 0 && AREAS.contains(scope.substring(0, colon));
  }
}
