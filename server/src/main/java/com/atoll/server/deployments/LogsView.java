package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.util.List;

/** Logs as the API shows them. */
record LogsView(
    @Doc("The lines as one text.") String logs, @Doc("The lines.") List<String> lines) {}
