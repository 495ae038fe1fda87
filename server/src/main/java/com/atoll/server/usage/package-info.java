/** What organizations use: metering, prices, reports. */
@NullMarked
package com.atoll.server.usage;

import org.jspecify.annotations.NullMarked;
