package com.atoll.server.drains;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that writes a log.
 *
 * @param id the sandbox, the process of a deployment, or the version that is built
 * @param deployment the deployment of the latter two
 * @param version the version of the latter two
 * @param place how far it was read; null when nothing was
 */
record Source(
    Kind kind,
    String id,
    @Nullable String deployment,
    @Nullable String version,
    @Nullable String place) {

  /** The kinds of logs, by the names that drains choose from. */
  enum Kind {
    /** What the processes of sandboxes write. */
    SANDBOX,
    /** What the processes of deployments write. */
    DEPLOYMENT,
    /** What builds of deployments write. */
    BUILD;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
