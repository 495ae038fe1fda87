package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A workspace to be made. */
record NewWorkspace(
    @Doc(value = "Its name.", min = 1, max = 255) String name,
    @Doc(value = "Its slug; made from the name when absent.", max = 63) @Nullable String slug,
    @Doc(value = "What it is for.", max = 2000) @Nullable String description,
    @Doc(value = "Texts of your own.", max = 100) @Nullable Map<String, String> metadata,
    @Doc(value = "Your customer's id of the workspace.", max = 255)
        @Nullable String externalWorkspaceId,
    @Doc(value = "Your customer's id of the user.", max = 255) @Nullable String externalUserId,
    @Doc("Whether a second workspace of the same name is wanted.")
        @Nullable Boolean allowDuplicateName) {}
