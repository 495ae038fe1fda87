/** The host grammar: which host name means what. Pure, no I/O. */
@NullMarked
package com.atoll.edge.hosts;

import org.jspecify.annotations.NullMarked;
