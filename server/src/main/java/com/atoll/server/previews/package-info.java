/** Links to ports of sandboxes, and the tokens that open private ones. */
@NullMarked
package com.atoll.server.previews;

import org.jspecify.annotations.NullMarked;
