@NullMarked
package com.atoll.server.events;

import org.jspecify.annotations.NullMarked;
