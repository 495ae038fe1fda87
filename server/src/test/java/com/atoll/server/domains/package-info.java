@NullMarked
package com.atoll.server.domains;

import org.jspecify.annotations.NullMarked;
