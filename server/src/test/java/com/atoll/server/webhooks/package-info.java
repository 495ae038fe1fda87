@NullMarked
package com.atoll.server.webhooks;

import org.jspecify.annotations.NullMarked;
