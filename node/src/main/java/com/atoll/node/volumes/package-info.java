/** Volumes: trees that outlive workloads, and their mounts inside running ones. */
@NullMarked
package com.atoll.node.volumes;

import org.jspecify.annotations.NullMarked;
