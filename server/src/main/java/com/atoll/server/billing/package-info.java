/** Credits, limits, and who pays. */
@NullMarked
package com.atoll.server.billing;

import org.jspecify.annotations.NullMarked;
