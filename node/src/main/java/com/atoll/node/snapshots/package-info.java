/**
 * Snapshots of workloads: immutable trees with a record, and reading in them without a workload.
 */
@NullMarked
package com.atoll.node.snapshots;

import org.jspecify.annotations.NullMarked;
