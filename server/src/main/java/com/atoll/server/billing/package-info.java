/** Balance and limits of an organization. */
@NullMarked
package com.atoll.server.billing;

import org.jspecify.annotations.NullMarked;
