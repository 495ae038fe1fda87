package com.atoll.node.workloads;

import com.atoll.node.runtime.Machine;

/** A machine that was made for a claim and has no record yet; {@code shape} is what it has now. */
record Made(Machine machine, WorkloadRecord.Origin origin, Boot boot, Shape shape) {}
