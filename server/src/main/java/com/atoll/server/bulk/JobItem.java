package com.atoll.server.bulk;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** One of its items as the API shows it. */
record JobItem(
    @Doc("Number within the job, from 1.") int index,
    @Doc("Id of the sandbox, the workspace or the end user, or what was named.") String id,
    @Doc("pending, completed or failed.") String status,
    @Doc("Code of the error.") @Nullable String errorCode,
    @Doc("What went wrong.") @Nullable String errorMessage) {}
