/** One network namespace per workload, and the firewall around them. */
@NullMarked
package com.atoll.node.network;

import org.jspecify.annotations.NullMarked;
