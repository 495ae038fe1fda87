/** Copy-on-write trees: everything that a workload keeps. */
@NullMarked
package com.atoll.node.trees;

import org.jspecify.annotations.NullMarked;
