package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a merge into the environment. */
record SetEnv(
    @Doc(value = "Variables by name.", max = 500) @Nullable Map<String, String> env,
    @Doc(value = "Name of a single variable.", max = 128) @Nullable String key,
    @Doc(value = "Value of a single variable.", max = 32768) @Nullable String value,
    @Doc(value = "Environment; default production.", pattern = "[a-z][a-z0-9_-]{0,31}")
        @Nullable String environment) {}
