/** HTTP in, HTTP out: listeners, exchanges and upstream connections, one event loop each. */
@NullMarked
package com.atoll.edge.gateway;

import org.jspecify.annotations.NullMarked;
