/** Just enough of the tar format to move folders. */
@NullMarked
package com.atoll.cli.tar;

import org.jspecify.annotations.NullMarked;
