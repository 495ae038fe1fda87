/** What the gateway needs to know: routes, wake-ups, grants and activity; {@code proto/feed.md}. */
@NullMarked
package com.atoll.server.routes;

import org.jspecify.annotations.NullMarked;
