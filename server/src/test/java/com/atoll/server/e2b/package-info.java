/** Tests of the wire of E2B that need no sandbox. */
@NullMarked
package com.atoll.server.e2b;

import org.jspecify.annotations.NullMarked;
