package com.atoll.server.accounts;

import com.atoll.server.http.Doc;
import com.atoll.server.identity.OrganizationView;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The account of a person. */
record AccountView(
    @Doc("Its id.") String id,
    @Doc("E-mail address.") String email,
    @Doc("Name of the person.") String name,
    @Doc("Picture of the person.") @Nullable String avatarUrl,
    @Doc("Whether login needs a one-time code.") boolean totpEnabled,
    @Doc("When the account was made.") Instant createdAt) {

  static AccountView of(Record row) {
    return new AccountView(
        row.get("id", String.class),
        row.get("email", String.class),
        row.get("name", String.class),
        row.get("avatar_url", String.class),
        row.get("totp_since") != null,
        row.get("created_at", OffsetDateTime.class).toInstant());
  }

  record LoggedIn(
      @Doc("The session, to be sent as Bearer; shown this once.") String token,
      @Doc("When the session ends.") Instant expiresAt,
      @Doc("The person.") AccountView user,
      @Doc("The organization that the session acts in.") OrganizationView tenant) {}

  record Me(
      @Doc("The person.") AccountView user,
      @Doc("The organization that the session acts in.") OrganizationView tenant,
      @Doc("The role in it.") String role,
      @Doc("Id of the session.") String sessionId) {}

  record Session(
      @Doc("Its id.") String id,
      @Doc("Id of the organization that it acts in.") String tenantId,
      @Doc("The program that logged in.") String userAgent,
      @Doc("Whether it is the one that asks.") boolean current,
      @Doc("When it was last used, to the minute.") @Nullable Instant lastUsedAt,
      @Doc("When it ends.") Instant expiresAt,
      @Doc("When the person logged in.") Instant createdAt) {}

  record TotpSecret(
      @Doc("The secret for an authenticator app, shown this once.") String secret,
      @Doc("The same as an address for a QR code.") String otpauthUrl) {}

  record RecoveryCodes(
      @Doc("Codes that each work once in place of a one-time code; shown this once.")
          List<String> recoveryCodes) {}

  record Preferences(@Doc("Preferences by name.") Map<String, Object> preferences) {}

  record Ok(@Doc("Always true.") boolean ok) {}
}
