/** API keys: made, listed, revoked, replaced. */
@NullMarked
package com.atoll.server.keys;

import org.jspecify.annotations.NullMarked;
