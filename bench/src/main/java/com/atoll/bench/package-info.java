/** Promises measured: each benchmark prints a table beside a baseline of the same run. */
@NullMarked
package com.atoll.bench;

import org.jspecify.annotations.NullMarked;
