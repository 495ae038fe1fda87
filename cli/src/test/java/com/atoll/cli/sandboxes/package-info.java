/** Tests of the connections of a terminal. */
@NullMarked
package com.atoll.cli.sandboxes;

import org.jspecify.annotations.NullMarked;
