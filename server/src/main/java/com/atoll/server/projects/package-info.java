/** Projects with their environments and shared variables, and what workspaces and projects own. */
@NullMarked
package com.atoll.server.projects;

import org.jspecify.annotations.NullMarked;
