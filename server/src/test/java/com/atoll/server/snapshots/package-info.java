/** The pure rules of snapshots. */
@NullMarked
package com.atoll.server.snapshots;

import org.jspecify.annotations.NullMarked;
