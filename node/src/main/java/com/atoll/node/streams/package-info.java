/** The raw stream socket and the tickets that open a stream on it. */
@NullMarked
package com.atoll.node.streams;

import org.jspecify.annotations.NullMarked;
