package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A named list of scopes. */
record PresetView(
    @Doc("Its name.") String name,
    @Doc("Its scopes.") List<String> scopes,
    @Doc("What it is for.") @Nullable String description,
    @Doc("Whether every organization has it; such a name is taken.") boolean builtIn,
    @Doc("When it was made; null when it is built in.") @Nullable Instant createdAt) {}
