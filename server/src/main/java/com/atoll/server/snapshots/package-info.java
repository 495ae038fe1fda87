/** Snapshots of sandboxes: take, keep, name, read, fork, delete. */
@NullMarked
package com.atoll.server.snapshots;

import org.jspecify.annotations.NullMarked;
