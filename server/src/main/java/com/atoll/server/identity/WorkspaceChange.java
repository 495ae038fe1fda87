package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What to change of a workspace. */
record WorkspaceChange(
    @Doc(value = "Its new name.", min = 1, max = 255) @Nullable String name,
    @Doc(value = "What it is for.", max = 2000) @Nullable String description,
    @Doc(value = "Texts of your own, all of them.", max = 100)
        @Nullable Map<String, String> metadata) {}
