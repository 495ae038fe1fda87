package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import java.util.Map;

/** How much a workspace owns. */
record WorkspaceStats(
    @Doc("Id of the workspace.") String workspaceId,
    @Doc("How many projects it has.") int projects,
    @Doc("How many members have a role in it.") int members,
    @Doc("What it owns, by kind; what has ended does not count.") Map<String, Integer> resources) {}
