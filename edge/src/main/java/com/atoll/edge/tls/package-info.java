/** The installation's own certificate authority and the certificates it issues on demand. */
@NullMarked
package com.atoll.edge.tls;

import org.jspecify.annotations.NullMarked;
