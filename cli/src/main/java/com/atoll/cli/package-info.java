/** The command line of Atoll: a client of the public API and nothing else. */
@NullMarked
package com.atoll.cli;

import org.jspecify.annotations.NullMarked;
