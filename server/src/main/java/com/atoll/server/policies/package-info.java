/**
 * Policies of organizations, workspaces and customers' users, and what of them holds for a request.
 */
@NullMarked
package com.atoll.server.policies;

import org.jspecify.annotations.NullMarked;
