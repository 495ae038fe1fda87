package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A named list of scopes to be kept. */
record NewPreset(
    @Doc(value = "Its name.", min = 1, max = 100, pattern = "[A-Za-z0-9][A-Za-z0-9._ -]*")
        String name,
    @Doc(value = "Its scopes.", min = 1, max = 100) List<String> scopes,
    @Doc(value = "What it is for.", max = 1000) @Nullable String description) {}
