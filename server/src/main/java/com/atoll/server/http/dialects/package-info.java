/** The few answers that depend on which client asks; everything else has one answer for all. */
@NullMarked
package com.atoll.server.http.dialects;

import org.jspecify.annotations.NullMarked;
