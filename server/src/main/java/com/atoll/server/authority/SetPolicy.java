package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be decided about an action from now on. */
record SetPolicy(
    @Doc(value = "allow, approval or deny.", pattern = "allow|approval|deny") String decision,
    @Doc(
            value =
                "Roles of the credentials that it binds: user, admin, platform; user when left"
                    + " out.",
            max = 3)
        @Nullable List<String> roles,
    @Doc(value = "Why; told to who is refused.", max = 500) @Nullable String reason) {}
