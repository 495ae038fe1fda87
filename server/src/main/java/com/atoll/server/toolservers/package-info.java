/**
 * Servers of the Model Context Protocol that a workspace's agents may call, the catalogue they are
 * installed from, and trials of them.
 */
@NullMarked
package com.atoll.server.toolservers;

import org.jspecify.annotations.NullMarked;
