@NullMarked
package com.atoll.server.http;

import org.jspecify.annotations.NullMarked;
