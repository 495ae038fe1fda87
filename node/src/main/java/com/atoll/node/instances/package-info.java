/** Supervised processes started from releases. */
@NullMarked
package com.atoll.node.instances;

import org.jspecify.annotations.NullMarked;
