/** Cells of code in interpreters that live on inside sandboxes. */
@NullMarked
package com.atoll.server.code;

import org.jspecify.annotations.NullMarked;
