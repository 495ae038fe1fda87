/** Volumes: files that outlive sandboxes, and which sandbox has them. */
@NullMarked
package com.atoll.server.volumes;

import org.jspecify.annotations.NullMarked;
