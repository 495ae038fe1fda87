/** The embedded PostgreSQL: its binaries and its cluster, prepared by its own user. */
@NullMarked
package com.atoll.server.postgres;

import org.jspecify.annotations.NullMarked;
