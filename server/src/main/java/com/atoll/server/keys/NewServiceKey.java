package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key of a service account to be made. */
record NewServiceKey(
    @Doc(value = "The only scopes that it shall have.", min = 1, max = 100) List<String> scopes,
    @Doc(value = "Its name; that of the account when absent.", min = 1, max = 255)
        @Nullable String name,
    @Doc(value = "Days until it ends by itself.", min = 1, max = 3650)
        @Nullable Integer expiresInDays,
    @Doc(
            value =
                "The only addresses or networks that it, and scoped tokens of it, are used from;"
                    + " browser tokens are used from anywhere.",
            max = 100)
        @Nullable List<String> allowedIps,
    @Doc(value = "The only workspace that it shall reach: id or slug.", max = 200)
        @Nullable String workspaceId) {}
