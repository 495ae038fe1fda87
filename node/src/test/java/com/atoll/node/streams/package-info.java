/** Tests. */
@NullMarked
package com.atoll.node.streams;

import org.jspecify.annotations.NullMarked;
