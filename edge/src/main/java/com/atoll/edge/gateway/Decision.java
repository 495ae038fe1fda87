package com.atoll.edge.gateway;

import com.atoll.edge.routes.Route;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What becomes of a request. */
sealed interface Decision {

  /** The edge answers itself. */
  record Reply(Answer answer) implements Decision {}

  /** A file of a release. */
  record Serve(Route.StaticSite site) implements Decision {}

  /**
   * It is passed on.
   *
   * @param destination where to
   * @param path what the upstream is asked for: without our own parameters
   * @param setCookie a cookie of ours for the client, or null
   * @param permit what it is let through by, which may end meanwhile; null where nothing is needed
   */
  record Pass(
      Destination destination, String path, @Nullable String setCookie, @Nullable Permit permit)
      implements Decision {
    /** To where everybody may go. */
    Pass(Destination destination, String path) {
      this(destination, path, null, null);
    }
  }

  /**
   * It is passed on to the DevTools of a browser.
   *
   * @param pass how
   * @param prefix what stands before their paths outside: the token, or nothing
   * @param sandboxId where the browser runs
   * @param token what opens it
   */
  record Devtools(Pass pass, String prefix, String sandboxId, String token) implements Decision {}

  /** Somebody has to be asked first. */
  record Later(CompletableFuture<Decision> decision) implements Decision {}
}
