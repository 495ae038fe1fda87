/** One request for many: sandboxes that are paused, resumed or destroyed, policies that are set. */
@NullMarked
package com.atoll.server.bulk;

import org.jspecify.annotations.NullMarked;
