/** Behavior of a running installation, driven over HTTP as a client does. */
@NullMarked
package com.atoll.scenarios;

import org.jspecify.annotations.NullMarked;
