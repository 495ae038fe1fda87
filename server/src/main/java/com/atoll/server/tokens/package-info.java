/** Short-lived credentials for browsers. */
@NullMarked
package com.atoll.server.tokens;

import org.jspecify.annotations.NullMarked;
