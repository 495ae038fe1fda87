package com.atoll.server.deployments;

import com.atoll.server.http.Doc;

/** What was deleted. */
record DeletedView(@Doc("Id.") String id, @Doc("True.") boolean deleted) {}
