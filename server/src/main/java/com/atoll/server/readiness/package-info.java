/** How to see that what runs in a sandbox is ready. */
@NullMarked
package com.atoll.server.readiness;

import org.jspecify.annotations.NullMarked;
