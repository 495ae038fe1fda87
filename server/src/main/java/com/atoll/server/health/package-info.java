/** Whether the server lives and is ready. */
@NullMarked
package com.atoll.server.health;

import org.jspecify.annotations.NullMarked;
