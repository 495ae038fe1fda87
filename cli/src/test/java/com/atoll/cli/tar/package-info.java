/** Tests of the tar format. */
@NullMarked
package com.atoll.cli.tar;

import org.jspecify.annotations.NullMarked;
