/** Publishing against a node that keeps everything in memory, and the rules that need none. */
@NullMarked
package com.atoll.server.deployments;

import org.jspecify.annotations.NullMarked;
