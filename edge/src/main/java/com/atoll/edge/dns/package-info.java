/** The resolver that sandboxes ask. */
@NullMarked
package com.atoll.edge.dns;

import org.jspecify.annotations.NullMarked;
