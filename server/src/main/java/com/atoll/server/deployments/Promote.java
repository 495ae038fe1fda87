package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** Body of a promote. */
record Promote(@Doc(value = "Environment; there is one.", max = 64) @Nullable String environment) {}
