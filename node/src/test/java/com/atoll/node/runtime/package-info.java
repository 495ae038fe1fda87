/** Tests. */
@NullMarked
package com.atoll.node.runtime;

import org.jspecify.annotations.NullMarked;
