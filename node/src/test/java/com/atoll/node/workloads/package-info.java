/** Tests. */
@NullMarked
package com.atoll.node.workloads;

import org.jspecify.annotations.NullMarked;
