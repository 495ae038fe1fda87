/** Snapshots of sandboxes. */
@NullMarked
package com.atoll.cli.snapshots;

import org.jspecify.annotations.NullMarked;
