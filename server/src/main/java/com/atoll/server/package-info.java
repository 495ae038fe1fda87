/** The control plane: what is assembled here answers the API and does the work behind it. */
@NullMarked
package com.atoll.server;

import org.jspecify.annotations.NullMarked;
