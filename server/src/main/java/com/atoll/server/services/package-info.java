/** Services of sandboxes: commands that are kept running inside. */
@NullMarked
package com.atoll.server.services;

import org.jspecify.annotations.NullMarked;
