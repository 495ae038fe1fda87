@NullMarked
package com.atoll.server.usage;

import org.jspecify.annotations.NullMarked;
