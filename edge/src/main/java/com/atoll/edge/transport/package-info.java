/** What all connections of this process have in common below their protocols. */
@NullMarked
package com.atoll.edge.transport;

import org.jspecify.annotations.NullMarked;
