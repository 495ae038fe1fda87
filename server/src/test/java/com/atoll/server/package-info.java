@NullMarked
package com.atoll.server;

import org.jspecify.annotations.NullMarked;
