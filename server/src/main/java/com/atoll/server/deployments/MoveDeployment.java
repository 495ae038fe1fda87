package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;

/** Body of a move. */
record MoveDeployment(
    @Doc(value = "Workspace to move to.", max = 128) @JsonAlias("workspace_id")
        String targetWorkspaceId) {}
