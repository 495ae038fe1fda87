package com.atoll.server.deployments;

import com.atoll.server.http.Doc;

/** Logs of a process as the API shows them. */
record InstanceLogsView(
    @Doc("The process.") String runtimeInstanceId,
    @Doc("Deployment.") String deploymentId,
    @Doc("Name of the log.") String logPath,
    @Doc("The lines as one text.") String logs) {}
