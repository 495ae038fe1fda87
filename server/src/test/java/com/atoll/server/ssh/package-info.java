@NullMarked
package com.atoll.server.ssh;

import org.jspecify.annotations.NullMarked;
