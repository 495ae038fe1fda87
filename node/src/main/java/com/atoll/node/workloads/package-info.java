/**
 * Workloads and their durable state: claim, lease, warm pool, pause, resume, fork, destroy, sweep.
 */
@NullMarked
package com.atoll.node.workloads;

import org.jspecify.annotations.NullMarked;
