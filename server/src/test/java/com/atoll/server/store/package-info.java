@NullMarked
package com.atoll.server.store;

import org.jspecify.annotations.NullMarked;
