/** The audit log: read, exported, and sealed into a chain for each organization. */
@NullMarked
package com.atoll.server.audit;

import org.jspecify.annotations.NullMarked;
