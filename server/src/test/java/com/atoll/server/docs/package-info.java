@NullMarked
package com.atoll.server.docs;

import org.jspecify.annotations.NullMarked;
