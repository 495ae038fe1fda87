/** What sandboxes use, as their machines measure it: totals, and series over time. */
@NullMarked
package com.atoll.server.meters;

import org.jspecify.annotations.NullMarked;
