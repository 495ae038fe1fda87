/** Limits, freezer and measurement of workloads, the same over cgroup v1, hybrid and v2. */
@NullMarked
package com.atoll.node.cgroups;

import org.jspecify.annotations.NullMarked;
