/** The Model Context Protocol over HTTP: operations of this API as tools. */
@NullMarked
package com.atoll.server.mcp;

import org.jspecify.annotations.NullMarked;
