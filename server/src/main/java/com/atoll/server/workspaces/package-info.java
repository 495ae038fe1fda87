/**
 * What a workspace owns as a whole: listed, moved to another workspace of the organization, or
 * removed.
 */
@NullMarked
package com.atoll.server.workspaces;

import org.jspecify.annotations.NullMarked;
