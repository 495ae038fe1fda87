/** Health checks of customers: addresses that are asked at intervals. */
@NullMarked
package com.atoll.server.checks;

import org.jspecify.annotations.NullMarked;
