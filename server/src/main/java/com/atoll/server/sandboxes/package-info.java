/** Sandboxes: what was asked for, in PostgreSQL, and the calls that make a node match it. */
@NullMarked
package com.atoll.server.sandboxes;

import org.jspecify.annotations.NullMarked;
