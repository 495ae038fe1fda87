/** Tests of tokens. */
@NullMarked
package com.atoll.server.tokens;

import org.jspecify.annotations.NullMarked;
