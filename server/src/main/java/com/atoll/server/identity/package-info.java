/** Organizations, workspaces, projects, attribution, and who is behind a credential. */
@NullMarked
package com.atoll.server.identity;

import org.jspecify.annotations.NullMarked;
