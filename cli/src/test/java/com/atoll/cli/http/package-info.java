/** Tests of how the command line speaks to the API. */
@NullMarked
package com.atoll.cli.http;

import org.jspecify.annotations.NullMarked;
