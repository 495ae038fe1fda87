/** The people of an organization and of its workspaces: members, roles, invitations, ownership. */
@NullMarked
package com.atoll.server.members;

import org.jspecify.annotations.NullMarked;
