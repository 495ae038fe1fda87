package com.atoll.server.bulk;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** An item that could not be done. */
record JobFailure(
    @Doc("Id of the sandbox, the workspace or the end user, or what was named.") String id,
    @Doc("Code of the error.") @Nullable String code,
    @Doc("What went wrong.") @Nullable String message) {}
