package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key for one end user to be made. */
record ScopedKey(
    @Doc(value = "The end user that it acts for and is confined to.", min = 1, max = 255)
        String externalUserId,
    @Doc(value = "The only scopes that it shall have.", min = 1, max = 100) List<String> scopes,
    @Doc("When it ends by itself.") @Nullable Instant expiresAt) {}
