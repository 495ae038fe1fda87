package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A key to be made. */
record NewKey(
    @Doc(value = "Name of the key.", min = 1, max = 255) String name,
    @Doc(value = "The only scopes that it shall have; all of its type when absent.", max = 100)
        @Nullable List<String> scopes,
    @Doc("When it ends by itself.") @Nullable Instant expiresAt,
    @Doc(value = "Values of your own.", max = 100) @Nullable Map<String, Object> metadata,
    @Doc(
            value = "user (default), admin or platform; live and test are user keys of that mode.",
            pattern = "user|admin|platform|live|test")
        @Nullable String keyType,
    @Doc(value = "api (default) or optimal.", pattern = "api|optimal") @Nullable String purpose,
    @Doc(value = "Requests in a minute; only admin keys set it.", min = 1, max = 100_000)
        @Nullable Integer rateLimitRpm,
    @Doc(
            value =
                "live (default), or test for a key that acts on test resources only: kept apart"
                    + " from live ones, free, and deleted 24 hours after they were made.",
            pattern = "live|test")
        @Nullable String mode,
    @Doc(
            value =
                "The only addresses or networks that it, and scoped tokens of it, are used from;"
                    + " browser tokens are used from anywhere.",
            max = 100)
        @Nullable List<String> allowedIps) {}
