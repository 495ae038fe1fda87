package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who the credential is. */
record WhoamiView(
    @Doc("The user behind the credential; keys have none.") @Nullable Map<String, Object> user,
    @Doc("The organization.") OrganizationView organization,
    @Doc("The workspace that creates go to.") WorkspaceView workspace,
    @Doc("Plan of the organization.") String plan,
    @Doc("The only scopes of the key; empty when it has all of its type.") List<String> scopes,
    @Doc("Type (session, api_key or token) and id of the credential; never the secret.")
        Map<String, String> credential) {}
