@NullMarked
package com.atoll.server.outbound;

import org.jspecify.annotations.NullMarked;
