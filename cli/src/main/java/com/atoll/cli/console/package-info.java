/** What the command line shows and how. */
@NullMarked
package com.atoll.cli.console;

import org.jspecify.annotations.NullMarked;
