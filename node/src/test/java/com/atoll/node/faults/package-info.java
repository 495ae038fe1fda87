/** Tests. */
@NullMarked
package com.atoll.node.faults;

import org.jspecify.annotations.NullMarked;
