package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** An answer to an approval. */
record Answer(@Doc(value = "Why.", max = 500) @Nullable String reason) {}
