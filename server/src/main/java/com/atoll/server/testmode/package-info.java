/** The end of what is made in test mode. */
@NullMarked
package com.atoll.server.testmode;

import org.jspecify.annotations.NullMarked;
